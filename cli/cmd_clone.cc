// slipway clone SOURCE NAME

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_clone(const Invocation& asked, Console& console) {
    return change_image(rename_request(transfer::Verb::Clone, asked), asked, console);
}

} // namespace slipway::cli
