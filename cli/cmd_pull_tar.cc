// slipway pull-tar URL [NAME]

#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/job_request.hh"

namespace slipway::cli {

int cmd_pull_tar(const Invocation& asked, Console& console) {
    const transfer::Request request = pull_request(transfer::Verb::PullTar, asked);
    SignalWatch signals;
    return run_direct(request, kNoInput, asked.options, console, signals).status;
}

} // namespace slipway::cli
