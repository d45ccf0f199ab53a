// slipway set-limit [NAME] BYTES|-

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_set_limit(const Invocation& asked, Console& console) {
    return change_image(limit_request(asked), asked, console);
}

} // namespace slipway::cli
