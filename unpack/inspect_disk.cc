// Nothing is mounted: the little that is read of a table and a directory is taken apart here.

#include "unpack/inspect_disk.hh"

#include <sys/utsname.h>

#include "base/error.hh"
#include "base/message.hh"
#include "disk/boot_ways.hh"
#include "pull/inspector.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {

int serve_inspect_disk() {
    try {
        const Confined confined = raise_reading_fences(View::Nothing, Rights::None, kTargetFd);
        utsname host{};
        if (::uname(&host) < 0) {
            throw errno_error("cannot tell the host's architecture");
        }
        const disk::DiskFacts facts = disk::look_at_disk(kTargetFd);
        send_message(kControlFd, pull::to_json(disk::judge_boot_ways(facts, host.machine)));
        return 0;
    } catch (const Error& error) {
        send_message(kControlFd, pull::inspect_failure_json(error.kind(), error.what()));
        return 1;
    }
}

} // namespace slipway::unpack
