// Laid out as machinectl does it: short form, long form, and the help beside them.

#include "cli/help.hh"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/option_table.hh"

namespace slipway::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kHelpColumn = 29;

// `text` in lines of at most kWidth columns, the second and later ones indented.
std::string wrapped(std::string_view text, std::size_t indent) {
    std::string out;
    std::size_t column = indent;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        if (column > indent && column + 1 + word.size() > kWidth) {
            out += fmt::format("\n{:{}}", "", indent);
            column = indent;
        } else if (column > indent) {
            out += ' ';
            ++column;
        }
        out += word;
        column += word.size();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

std::string two_columns(const std::string& left, std::string_view right) {
    const std::string gap = left.size() + 1 < kHelpColumn
                                ? std::string(kHelpColumn - left.size(), ' ')
                                : fmt::format("\n{:{}}", "", kHelpColumn);
    return left + gap + wrapped(right, kHelpColumn) + "\n";
}

std::string option_line(const OptionSpec& option) {
    const std::string letter = option.letter == '\0' ? "    " : fmt::format(" -{} ", option.letter);
    const std::string name = option.name.empty() ? "" : synopsis(option);
    return two_columns(" " + letter + name, described(option));
}

std::string option_lines(std::optional<Verb> verb) {
    std::string out;
    std::string_view group;
    for (const OptionSpec& option : option_table()) {
        if (verb && !contains(option.verbs, *verb)) {
            continue;
        }
        if (option.group != group) {
            group = option.group;
            out += fmt::format("\n{}:\n", group);
        }
        out += option_line(option);
    }
    return out;
}

} // namespace

std::string general_help() {
    std::string out = "slipway [OPTIONS...] VERB ...\n\n"
                      "Bring operating-system images in, verify and keep them.\n\nVerbs:\n";
    for (const VerbSpec& verb : verb_table()) {
        out += two_columns(fmt::format("  {} {}", verb.name, verb.operands), verb.summary);
    }
    return out + option_lines(std::nullopt) + "\nSee slipway(1) for the whole manual.\n";
}

std::string verb_help(const VerbSpec& verb) {
    return fmt::format("slipway [OPTIONS...] {}{}{}\n\n{}.\n", verb.name,
                       verb.operands.empty() ? "" : " ", verb.operands, verb.summary) +
           option_lines(verb.verb);
}

} // namespace slipway::cli
