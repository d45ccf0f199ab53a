// slipway rename NAME NEW

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_rename(const Invocation& asked, Console& console) {
    return change_image(rename_request(transfer::Verb::Rename, asked), asked, console);
}

} // namespace slipway::cli
