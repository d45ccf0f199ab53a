// A function for zsh's _arguments.

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion.hh"
#include "cli/option_table.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {
namespace {

// Within single quotes, in a description or a message of _arguments.
std::string zsh_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\'') {
            out += "'\\''";
        } else if (c == '[' || c == ']' || c == ':' || c == '\\') {
            out += '\\';
            out += c;
        } else {
            out += c;
        }
    }
    return out;
}

std::string action(const OptionSpec& option) {
    switch (option.completion) {
    case Completion::Words:
        return fmt::format("({})", option.words);
    case Completion::File:
        return "_files";
    case Completion::Directory:
        return "_directories";
    case Completion::Nothing:
        break;
    }
    return " ";
}

// "'*--keyring=[help]:FILE:_files'", one for each form of the option.
std::string argument_specs(const OptionSpec& option) {
    const std::string help = zsh_text(option.help);
    const std::string_view repeat = option.repeatable ? "*" : "";
    std::string out;
    if (option.letter != '\0') {
        out += fmt::format("        '-{}[{}]'\n", option.letter, help);
    }
    if (!option.name.empty() && option.value.empty()) {
        out += fmt::format("        '--{}[{}]'\n", option.name, help);
    } else if (!option.name.empty()) {
        out += fmt::format("        '{}--{}{}[{}]:{}{}:{}'\n", repeat, option.name,
                           option.value_optional ? "=-" : "=", help,
                           option.value_optional ? ":" : "", option.value, action(option));
    }
    return out;
}

std::string specs_of(const VerbSpec& verb) {
    std::string out;
    for (const OptionSpec& option : option_table()) {
        out += contains(option.verbs, verb.verb) ? argument_specs(option) : "";
    }
    switch (verb.operand) {
    case Operand::File:
        return out + "        '*:file:_files'\n";
    case Operand::Directory:
        return out + "        '*:directory:_files -/'\n";
    case Operand::Image:
        return out + "        '*:image:_slipway_images'\n";
    case Operand::Machine:
        return out + "        '*:machine:_slipway_machines'\n";
    case Operand::Transfer:
        return out + "        '*:transfer:_slipway_transfers'\n";
    case Operand::EndedTransfer:
        return out + "        '2:transfer:_slipway_ended'\n";
    case Operand::Key:
        return out + "        '3:key:_slipway_keys'\n";
    case Operand::Verb:
        return out + "        '*:verb:_slipway_verbs'\n";
    case Operand::Url:
        return out + "        '*:URL:_urls'\n";
    case Operand::None:
        break;
    }
    return out;
}

std::string every_option() {
    std::string out;
    for (const OptionSpec& option : option_table()) {
        out += argument_specs(option);
    }
    return out;
}

// Descriptions of words, for _describe.
std::string word_list(std::string_view name, std::string_view words) {
    return fmt::format("_slipway_{}() {{\n    local -a verbs=(\n{}    )\n    _describe verb verbs\n"
                       "}}\n\n",
                       name, words);
}

// _slipway_verbs, and for each first word of two _slipway_verbs_FIRST.
std::string verb_lists() {
    std::string first_list;
    std::string out;
    for (const std::string_view first : first_words()) {
        const auto second = second_words(first);
        std::string second_list;
        for (const std::string_view word : second) {
            const VerbSpec* verb = find_verb(fmt::format("{} {}", first, word));
            second_list += fmt::format("        '{}:{}'\n", word, zsh_text(verb->summary));
        }
        const std::string meaning = second.empty() ? std::string(find_verb(first)->summary)
                                                   : fmt::format("{}", fmt::join(second, ", "));
        first_list += fmt::format("        '{}:{}'\n", first, zsh_text(meaning));
        out += second.empty() ? "" : word_list(fmt::format("verbs_{}", first), second_list);
    }
    return word_list("verbs", first_list) + out;
}

// What prints a list whose first column is offered.
std::string first_column(std::string_view name, std::string_view what, std::string_view verb) {
    return fmt::format("_slipway_{0}() {{\n    local -a {0}=(\n"
                       "        ${{${{(f)\"$(_call_program {0} slipway {2} --no-legend "
                       "2>/dev/null)\"}}%% *}}\n    )\n    _describe {1} {0}\n}}\n\n",
                       name, what, verb);
}

// Sets `verb` from the words of the line.
std::string find_verb_lines() {
    std::string out =
        fmt::format("    local verb=${{words[(r)({})]}}\n", fmt::join(first_words(), "|"));
    for (const std::string_view first : first_words()) {
        const auto second = second_words(first);
        if (!second.empty()) {
            out += fmt::format("    [[ $verb == {0} ]] && verb+=\" ${{words[(r)({1})]}}\"\n", first,
                               fmt::join(second, "|"));
        }
    }
    return out;
}

std::string verb_specs(std::string_view name) {
    const std::size_t blank = name.find(' ');
    return blank == std::string_view::npos
               ? "'1:verb:_slipway_verbs'\n"
               : fmt::format("'1:verb:_slipway_verbs'\n        '2:verb:_slipway_verbs_{}'\n",
                             name.substr(0, blank));
}

} // namespace

std::string zsh_completion() {
    std::string out =
        "#compdef slipway\n# zsh completion of slipway. Made from "
        "cli/option_table.cc.\n\n" +
        verb_lists() + first_column("images", "image", "list-images") +
        first_column("machines", "machine", "list") +
        first_column("transfers", "transfer", "list-transfers") +
        first_column("ended", "transfer", "history") + first_column("keys", "key", "keys list") +
        "_slipway() {\n    local -a specs\n" + find_verb_lines() + "    case $verb in\n";
    for (const VerbSpec& verb : verb_table()) {
        out += fmt::format("    '{}') specs=({}{}        ) ;;\n", verb.name, verb_specs(verb.name),
                           specs_of(verb));
    }
    for (const std::string_view first : first_words()) {
        if (!second_words(first).empty()) { // the second word is still to come
            out += fmt::format("    '{0} ') specs=({1}        ) ;;\n", first,
                               verb_specs(fmt::format("{} ", first)));
        }
    }
    return out +
           fmt::format("    *) specs=('1:verb:_slipway_verbs'\n{}        ) ;;\n", every_option()) +
           "    esac\n    _arguments -s -S $specs\n}\n\n_slipway \"$@\"\n";
}

} // namespace slipway::cli
