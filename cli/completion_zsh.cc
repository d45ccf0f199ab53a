// A function for zsh's _arguments.

#include <string_view>

#include <fmt/format.h>

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
    case Operand::Transfer:
        return out + "        '*:transfer:_slipway_transfers'\n";
    case Operand::EndedTransfer:
        return out + "        '2:transfer:_slipway_ended'\n";
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

} // namespace

std::string zsh_completion() {
    std::string out = "#compdef slipway\n# zsh completion of slipway. Made from "
                      "cli/option_table.cc.\n\n_slipway_verbs() {\n    local -a verbs=(\n";
    for (const VerbSpec& verb : verb_table()) {
        out += fmt::format("        '{}:{}'\n", verb.name, zsh_text(verb.summary));
    }
    out += "    )\n    _describe verb verbs\n}\n\n"
           "_slipway_images() {\n    local -a images=(\n"
           "        ${${(f)\"$(_call_program images slipway list-images --no-legend "
           "2>/dev/null)\"}%% *}\n    )\n    _describe image images\n}\n\n"
           "_slipway_transfers() {\n    local -a numbers=(\n"
           "        ${${(f)\"$(_call_program transfers slipway list-transfers --no-legend "
           "2>/dev/null)\"}%% *}\n    )\n    _describe transfer numbers\n}\n\n"
           "_slipway_ended() {\n    local -a numbers=(\n"
           "        ${${(f)\"$(_call_program transfers slipway history --no-legend "
           "2>/dev/null)\"}%% *}\n    )\n    _describe transfer numbers\n}\n\n"
           "_slipway() {\n    local -a specs\n    local verb=${words[(r)";
    std::string names;
    for (const VerbSpec& verb : verb_table()) {
        names += fmt::format("{}{}", names.empty() ? "" : "|", verb.name);
    }
    out += fmt::format("({})]}}\n    case $verb in\n", names);
    for (const VerbSpec& verb : verb_table()) {
        out += fmt::format("    {}) specs=('1:verb:_slipway_verbs'\n{}        ) ;;\n", verb.name,
                           specs_of(verb));
    }
    return out +
           fmt::format("    *) specs=('1:verb:_slipway_verbs'\n{}        ) ;;\n", every_option()) +
           "    esac\n    _arguments -s -S $specs\n}\n\n_slipway \"$@\"\n";
}

} // namespace slipway::cli
