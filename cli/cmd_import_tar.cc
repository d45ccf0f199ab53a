// slipway import-tar FILE|- [NAME]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_import_tar(const Invocation& asked, Console& console) {
    return bring_in(import_request(transfer::Verb::ImportTar, asked), asked, console);
}

} // namespace slipway::cli
