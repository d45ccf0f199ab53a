// The table of options: its parts, one behind the other. The order is that of --help.

#include "cli/option_table.hh"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/option_groups.hh"

namespace slipway::cli {
namespace {

template <typename Matches>
const OptionSpec* find_if(const Matches& matches) noexcept {
    const std::span<const OptionSpec> table = option_table();
    const auto found = std::find_if(table.begin(), table.end(), matches);
    return found == table.end() ? nullptr : &*found;
}

} // namespace

std::span<const OptionSpec> option_table() noexcept {
    static const std::vector<OptionSpec> kTable = [] {
        std::vector<OptionSpec> table;
        for (const auto part : {general_options(), storing_options(), verification_options(),
                                limit_options(), machine_options()}) {
            table.insert(table.end(), part.begin(), part.end());
        }
        return table;
    }();
    return kTable;
}

const OptionSpec* find_option(std::string_view name) noexcept {
    return name.empty() ? nullptr
                        : find_if([name](const OptionSpec& option) { return option.name == name; });
}

const OptionSpec* find_option(char letter) noexcept {
    return letter == '\0'
               ? nullptr
               : find_if([letter](const OptionSpec& option) { return option.letter == letter; });
}

std::string synopsis(const OptionSpec& option) {
    if (option.name.empty()) {
        return fmt::format("-{}", option.letter);
    }
    if (option.value.empty()) {
        return fmt::format("--{}", option.name);
    }
    const std::string value = fmt::format("={}", option.value);
    return fmt::format("--{}{}", option.name, option.value_optional ? "[" + value + "]" : value);
}

std::string described(const OptionSpec& option) {
    std::string remarks(option.unit);
    if (!option.fallback.empty()) {
        remarks += fmt::format("{}default: {}", remarks.empty() ? "" : "; ", option.fallback);
    }
    return remarks.empty() ? std::string(option.help)
                           : fmt::format("{} ({})", option.help, remarks);
}

} // namespace slipway::cli
