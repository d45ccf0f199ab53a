// The fences of slipway-fetch.

#include "fetch/confinement.hh"

namespace slipway::fetch {

Confined confine_fetch() {
    Confinement wanted;
    wanted.view = View::HostRead;
    wanted.filter = Filter::Fetch;
    wanted.network = true;
    wanted.user = "slipway-fetch";
    return confine(wanted);
}

} // namespace slipway::fetch
