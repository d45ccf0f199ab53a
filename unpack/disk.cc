// The writing is pull's; here are only the fences and the descriptors.

#include "unpack/disk.hh"

#include <fcntl.h>

#include "pull/unpack_disk.hh"
#include "unpack/fences.hh"
#include "unpack/service.hh"

namespace slipway::unpack {
namespace {

pull::UnpackedDisk unpack(const LastStage& last, bool scratch) {
    if (last.request.work == pull::Work::Digest) {
        return pull::read_to_end(last.in, last.counters);
    }
    if (last.request.work == pull::Work::Copy) {
        return pull::copy_file(last.in, kTargetFd, last.request.budget.size_bytes, last.counters);
    }
    return pull::unpack_disk(last.in,
                             {.target = kTargetFd,
                              .scratch = scratch ? kScratchFd : -1,
                              .budget = last.request.budget,
                              .stop = last.stop,
                              .on_size = last.announce},
                             last.counters, last.packed_bytes, last.warn);
}

} // namespace

int serve_disk() {
    // Looked at before anything else is opened, which would get its number.
    const bool scratch = ::fcntl(kScratchFd, F_GETFD) >= 0;
    return serve({
        .confine = [] { return raise_fences(View::Nothing, Rights::None, kScratchFd); },
        .serves = [](pull::Work work) { return work != pull::Work::Tree; },
        .notice = "",
        .unpack = [scratch](const LastStage& last) { return unpack(last, scratch); },
    });
}

} // namespace slipway::unpack
