// slipway import-fs DIR [NAME]

#include <fcntl.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/job_request.hh"

namespace slipway::cli {
namespace {

// What the request cannot name.
Fd open_directory(const std::string& directory) {
    Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open {}", quoted(directory));
    }
    return fd;
}

} // namespace

int cmd_import_fs(const Invocation& asked, Console& console) {
    const transfer::Request request = import_fs_request(asked);
    const Fd input = request.path.empty() ? open_directory(asked.operands.at(0)) : Fd();
    SignalWatch signals;
    return run_direct(request, input.get(), asked.options, console, signals).status;
}

} // namespace slipway::cli
