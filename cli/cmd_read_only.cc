// slipway read-only NAME [BOOL]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_read_only(const Invocation& asked, Console& console) {
    return change_image(mark_request(asked), asked, console);
}

} // namespace slipway::cli
