// slipway show-image [NAME...]

#include "cli/commands.hh"
#include "cli/image_status.hh"
#include "cli/pool_status.hh"

namespace slipway::cli {

int cmd_show_image(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    const bool json = options.json != JsonForm::Off;
    const bool pretty = pretty_json(options, console);
    const auto lines = [&options](const std::vector<Property>& properties) {
        return property_lines(properties, options.properties, options.value_only);
    };
    if (asked.operands.empty()) {
        const PoolStatus status = find_pool_status(options);
        print_result(console,
                     json ? pool_status_json(status, pretty) : lines(properties_of(status)));
        return 0;
    }
    std::vector<ImageStatus> all;
    std::string text;
    for (const std::string& name : asked.operands) {
        all.push_back({.row = find_row(options, name)});
        text += (text.empty() ? "" : "\n") + lines(properties_of(all.back().row));
    }
    print_result(console, json ? image_status_json(all, pretty) : text);
    return 0;
}

} // namespace slipway::cli
