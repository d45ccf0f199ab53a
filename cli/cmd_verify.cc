// slipway verify FILE|URL|NAME

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_verify(const Invocation& asked, Console& console) {
    return do_without_daemon(verify_request(asked), asked, console);
}

} // namespace slipway::cli
