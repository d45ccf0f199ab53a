// slipway pull-raw URL [NAME]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_pull_raw(const Invocation& asked, Console& console) {
    return bring_in(pull_request(transfer::Verb::PullRaw, asked), asked, console);
}

} // namespace slipway::cli
