// slipway import-tar FILE|- [NAME]

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/job_request.hh"

namespace slipway::cli {
namespace {

// What the request cannot name.
Fd open_input(const std::string& file) {
    if (file == "-" && ::isatty(STDIN_FILENO) == 1) {
        throw Error(Kind::InvalidArgument,
                    "import-tar: standard input is a terminal; expected an archive, as in "
                    "docker export web | slipway import-tar - web");
    }
    Fd fd(file == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                      : ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) {
        throw errno_error("cannot open {}", quoted(file));
    }
    return fd;
}

} // namespace

int cmd_import_tar(const Invocation& asked, Console& console) {
    const transfer::Request request = import_tar_request(asked);
    const Fd input = request.path.empty() ? open_input(asked.operands.at(0)) : Fd();
    SignalWatch signals;
    return run_direct(request, input.get(), asked.options, console, signals).status;
}

} // namespace slipway::cli
