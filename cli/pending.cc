// To be replaced, one after the other.

#include "base/error.hh"
#include "cli/commands.hh"

namespace slipway::cli {

int cmd_cache_list(const Invocation&, Console&) {
    throw Error(Kind::Unsupported, "not built yet");
}
int cmd_cache_prune(const Invocation&, Console&) {
    throw Error(Kind::Unsupported, "not built yet");
}

} // namespace slipway::cli
