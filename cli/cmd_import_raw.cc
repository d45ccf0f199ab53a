// slipway import-raw FILE|- [NAME]

#include "cli/commands.hh"
#include "cli/job_request.hh"
#include "cli/way.hh"

namespace slipway::cli {

int cmd_import_raw(const Invocation& asked, Console& console) {
    return bring_in(import_request(transfer::Verb::ImportRaw, asked), asked, console);
}

} // namespace slipway::cli
