// The table of options: its parts, one behind the other. The order is that of --help.

#include "cli/option_table.hh"

#include <vector>

#include <fmt/format.h>

#include "cli/option_groups.hh"

namespace slipway::cli {
namespace {

template <typename Matches>
const OptionSpec* find_if(const VerbSpec* verb, const Matches& matches) noexcept {
    const OptionSpec* first = nullptr;
    for (const OptionSpec& option : option_table()) {
        if (!matches(option)) {
            continue;
        }
        if (verb == nullptr || contains(option.verbs, verb->verb)) {
            return &option;
        }
        first = first == nullptr ? &option : first;
    }
    return first;
}

} // namespace

std::span<const OptionSpec> option_table() noexcept {
    static const std::vector<OptionSpec> kTable = [] {
        std::vector<OptionSpec> table;
        for (const auto part :
             {general_options(), storing_options(), verification_options(), limit_options(),
              machine_options(), hardware_options(), setting_options()}) {
            table.insert(table.end(), part.begin(), part.end());
        }
        return table;
    }();
    return kTable;
}

const OptionSpec* find_option(std::string_view name, const VerbSpec* verb) noexcept {
    const auto has_name = [name](const OptionSpec& option) { return option.name == name; };
    return name.empty() ? nullptr : find_if(verb, has_name);
}

const OptionSpec* find_option(char letter, const VerbSpec* verb) noexcept {
    const auto has_letter = [letter](const OptionSpec& option) { return option.letter == letter; };
    return letter == '\0' ? nullptr : find_if(verb, has_letter);
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
