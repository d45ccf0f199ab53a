// The writing is pull's; here are only the fences.

#include "unpack/tree.hh"

#include "pull/unpack_tar.hh"
#include "unpack/service.hh"

namespace slipway::unpack {

int serve_tree(Rights rights) {
    return serve({
        .confine = [rights] { return raise_fences(View::Staging, rights, kTargetFd); },
        .serves = [](pull::Work work) { return work == pull::Work::Tree; },
        .notice = rights == Rights::Privileged
                      ? "trusted.* and security.* attributes are kept: the unpacking program holds "
                        "CAP_SYS_ADMIN for it"
                      : "",
        .unpack =
            [](const LastStage& last) {
                return pull::unpack_tar(last.in, last.confined.root.get(), last.request.tar,
                                        last.request.budget, last.counters, last.packed_bytes,
                                        last.warn);
            },
    });
}

} // namespace slipway::unpack
