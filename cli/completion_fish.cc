// One `complete` command for each verb and option.

#include <string_view>

#include <fmt/format.h>

#include "cli/completion.hh"
#include "cli/option_table.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {
namespace {

std::string fish_text(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "'";
}

std::string all_verbs() {
    std::string names;
    for (const VerbSpec& verb : verb_table()) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", verb.name);
    }
    return names;
}

// An option is offered before the verb, and behind the verbs it goes with.
std::string condition(const OptionSpec& option) {
    if (option.verbs == kEveryVerb) {
        return "";
    }
    std::string names;
    for (const VerbSpec& verb : verb_table()) {
        names += contains(option.verbs, verb.verb) ? fmt::format(" {}", verb.name) : "";
    }
    return fmt::format(" -n 'not __fish_seen_subcommand_from {}; or "
                       "__fish_seen_subcommand_from{}'",
                       all_verbs(), names);
}

std::string value(const OptionSpec& option) {
    const std::string_view require = option.value_optional ? " -f" : " -x";
    switch (option.completion) {
    case Completion::Words:
        return fmt::format("{} -a {}", require, fish_text(option.words));
    case Completion::File:
        return " -r -F";
    case Completion::Directory:
        return " -x -a '(__fish_complete_directories)'";
    case Completion::Nothing:
        break;
    }
    return option.value.empty() ? "" : " -x";
}

std::string option_line(const OptionSpec& option) {
    std::string names = option.letter == '\0' ? "" : fmt::format(" -s {}", option.letter);
    if (!option.name.empty()) {
        names += fmt::format(" -l {}", option.name);
    }
    return fmt::format("complete -c slipway{}{}{} -d {}\n", condition(option), names, value(option),
                       fish_text(option.help));
}

std::string operands_line(const VerbSpec& verb) {
    const auto offer = [&verb](std::string_view what) {
        return fmt::format("complete -c slipway -n '__fish_seen_subcommand_from {}' {}\n",
                           verb.name, what);
    };
    switch (verb.operand) {
    case Operand::File:
        return offer("-F");
    case Operand::Directory:
        return offer("-a '(__fish_complete_directories)'");
    case Operand::Image:
        return offer(
            "-a '(slipway list-images --no-legend 2>/dev/null | string split -f 1 \" \")'");
    case Operand::Transfer:
        return offer(
            "-a '(slipway list-transfers --no-legend 2>/dev/null | string split -f 1 \" \")'");
    case Operand::EndedTransfer:
        return offer("-a '(slipway history --no-legend 2>/dev/null | string split -f 1 \" \")'");
    case Operand::Verb:
        return offer(fmt::format("-a '{}'", all_verbs()));
    case Operand::Url:
    case Operand::None:
        break;
    }
    return "";
}

} // namespace

std::string fish_completion() {
    std::string out = "# fish completion of slipway. Made from cli/option_table.cc.\n\n"
                      "complete -c slipway -f\n";
    for (const VerbSpec& verb : verb_table()) {
        out +=
            fmt::format("complete -c slipway -n 'not __fish_seen_subcommand_from {}' -a {} -d {}\n",
                        all_verbs(), verb.name, fish_text(verb.summary));
        out += operands_line(verb);
    }
    for (const OptionSpec& option : option_table()) {
        out += option_line(option);
    }
    return out;
}

} // namespace slipway::cli
