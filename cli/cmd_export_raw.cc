// slipway export-raw NAME [FILE|-]

#include "cli/commands.hh"
#include "cli/export_image.hh"

namespace slipway::cli {

int cmd_export_raw(const Invocation& asked, Console& console) {
    return export_image(transfer::Verb::ExportRaw, asked, console);
}

} // namespace slipway::cli
