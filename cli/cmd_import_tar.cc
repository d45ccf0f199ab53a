// slipway import-tar FILE|- [NAME]

#include "base/fd.hh"
#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/import_input.hh"
#include "cli/job_request.hh"

namespace slipway::cli {

int cmd_import_tar(const Invocation& asked, Console& console) {
    const transfer::Request request = import_request(transfer::Verb::ImportTar, asked);
    const Fd input = open_import_input(request, asked.operands.at(0));
    SignalWatch signals;
    return run_direct(request, input.get(), asked.options, console, signals).status;
}

} // namespace slipway::cli
