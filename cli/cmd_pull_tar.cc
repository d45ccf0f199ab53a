// slipway pull-tar URL [NAME]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_pull_tar(const Invocation& asked, Console& console) {
    return bring_in(pull_request(transfer::Verb::PullTar, asked), asked, console);
}

} // namespace slipway::cli
