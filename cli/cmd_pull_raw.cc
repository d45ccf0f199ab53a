// slipway pull-raw URL [NAME]

#include "cli/commands.hh"
#include "cli/direct_job.hh"
#include "cli/job_request.hh"

namespace slipway::cli {

int cmd_pull_raw(const Invocation& asked, Console& console) {
    const transfer::Request request = pull_request(transfer::Verb::PullRaw, asked);
    SignalWatch signals;
    return run_direct(request, kNoInput, asked.options, console, signals).status;
}

} // namespace slipway::cli
