// slipway list-images

#include "cli/commands.hh"
#include "cli/image_list.hh"
#include "storage/pool.hh"

namespace slipway::cli {

int cmd_list_images(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const auto pool = storage::Pool::find(options.pool);
    const auto images =
        pool ? storage::list_images(*pool, options.all) : std::vector<storage::Image>{};
    print_result(console, options.json == JsonForm::Off
                              ? image_list(images, options.legend, console.out_is_terminal)
                              : image_list_json(images, pretty_json(options, console)));
    return 0;
}

} // namespace slipway::cli
