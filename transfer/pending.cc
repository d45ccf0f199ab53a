// To be replaced, one after the other.

#include "base/error.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

Ended clone_image(const Job&) {
    throw Error(Kind::Unsupported, "not built yet");
}
Ended rename_image(const Job&) {
    throw Error(Kind::Unsupported, "not built yet");
}
Ended mark_image(const Job&) {
    throw Error(Kind::Unsupported, "not built yet");
}
Ended export_image(const Job&, Fd) {
    throw Error(Kind::Unsupported, "not built yet");
}

} // namespace slipway::transfer
