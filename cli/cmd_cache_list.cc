// slipway cache list

#include <optional>

#include "cli/cache_directory.hh"
#include "cli/cache_text.hh"
#include "cli/commands.hh"

namespace slipway::cli {

int cmd_cache_list(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const std::optional<cache::Store> store = find_cache(options);
    const auto all = store ? list_downloads(*store) : std::vector<ListedDownload>();
    print_result(console, options.json == JsonForm::Off
                              ? download_list(all, options.legend, console.out_is_terminal)
                              : download_list_json(all, pretty_json(options, console)));
    return 0;
}

} // namespace slipway::cli
