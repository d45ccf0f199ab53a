// slipway import-fs DIR [NAME]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_import_fs(const Invocation& asked, Console& console) {
    return bring_in(import_fs_request(asked), asked, console);
}

} // namespace slipway::cli
