// slipway export-tar NAME [FILE|-]

#include "cli/commands.hh"
#include "cli/export_image.hh"

namespace slipway::cli {

int cmd_export_tar(const Invocation& asked, Console& console) {
    return export_image(transfer::Verb::ExportTar, asked, console);
}

} // namespace slipway::cli
