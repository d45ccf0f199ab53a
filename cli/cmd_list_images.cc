// slipway list-images

#include "cli/commands.hh"
#include "cli/image_list.hh"

namespace slipway::cli {

int cmd_list_images(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const bool json = options.json != JsonForm::Off;
    const ImageRows rows = find_rows(options, json ? Origins::Read : Origins::Left);
    print_result(console, json ? image_list_json(rows, pretty_json(options, console))
                               : image_list(rows, options.legend, console.out_is_terminal));
    return 0;
}

} // namespace slipway::cli
