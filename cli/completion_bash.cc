// A function of bash alone: the library of the package bash-completion is not needed.

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/completion.hh"
#include "cli/option_table.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {
namespace {

// What a two-word verb begins with: "keys|…".
std::string groups() {
    std::string words;
    for (const std::string_view first : first_words()) {
        if (!second_words(first).empty()) {
            words += fmt::format("{}{}", words.empty() ? "" : "|", first);
        }
    }
    return words;
}

// "--pool= --force -q …" of those that go with the verb; all of them without one.
std::string option_words(const VerbSpec* verb) {
    std::string words;
    for (const OptionSpec& option : option_table()) {
        if (verb != nullptr && !contains(option.verbs, verb->verb)) {
            continue;
        }
        const std::string_view blank = words.empty() ? "" : " ";
        if (!option.name.empty()) {
            words += fmt::format("{}--{}{}", blank, option.name, option.value.empty() ? "" : "=");
        } else {
            words += fmt::format("{}-{}", blank, option.letter);
        }
    }
    return words;
}

std::string_view generator(const OptionSpec& option) {
    switch (option.completion) {
    case Completion::File:
        return "-f";
    case Completion::Directory:
        return "-d";
    case Completion::Words:
    case Completion::Nothing:
        break;
    }
    return "";
}

std::string value_cases() {
    std::string out;
    for (const OptionSpec& option : option_table()) {
        if (option.value.empty()) {
            continue;
        }
        const std::string what = option.completion == Completion::Words
                                     ? fmt::format("-W '{}'", option.words)
                                     : std::string(generator(option));
        out += what.empty() ? fmt::format("        --{}) return ;;\n", option.name)
                            : fmt::format("        --{}) COMPREPLY=($(compgen {} -- \"$cur\")); "
                                          "return ;;\n",
                                          option.name, what);
    }
    return out;
}

std::string valued_options() {
    std::string names;
    for (const OptionSpec& option : option_table()) {
        if (!option.value.empty() && !option.value_optional) {
            names += fmt::format("{}--{}", names.empty() ? "" : "|", option.name);
        }
    }
    return names;
}

std::string option_cases() {
    std::string out;
    for (const VerbSpec& verb : verb_table()) {
        out += fmt::format("            '{}') words='{}' ;;\n", verb.name, option_words(&verb));
    }
    return out + fmt::format("            *) words='{}' ;;\n", option_words(nullptr));
}

// The command that prints what the verb's operands can be; empty: see operand_cases().
std::string operand_source(const VerbSpec& verb) {
    switch (verb.operand) {
    case Operand::File:
        return "-f";
    case Operand::Directory:
        return "-d";
    case Operand::Image:
        return "-W \"$(_slipway_images)\"";
    case Operand::Machine:
        return "-W \"$(_slipway_first_column list)\"";
    case Operand::Transfer:
        return "-W \"$(_slipway_first_column list-transfers)\"";
    case Operand::EndedTransfer:
        return "-W \"$(_slipway_first_column history)\"";
    case Operand::Key:
        return "-W \"$(_slipway_first_column keys list)\"";
    case Operand::Verb:
        return fmt::format("-W '{}'", fmt::join(first_words(), " "));
    case Operand::None:
    case Operand::Url:
        break;
    }
    return "";
}

std::string operand_cases() {
    const auto offer = [](std::string_view verb, std::string_view source) {
        return fmt::format("        '{}') COMPREPLY=($(compgen {} -- \"$cur\")) ;;\n", verb,
                           source);
    };
    std::string out;
    for (const VerbSpec& verb : verb_table()) {
        const std::string source = operand_source(verb);
        out += source.empty() ? "" : offer(verb.name, source);
    }
    for (const std::string_view first : first_words()) {
        const auto second = second_words(first);
        out += second.empty() ? "" : offer(first, fmt::format("-W '{}'", fmt::join(second, " ")));
    }
    return out;
}

// {0}: verbs; {1}: options whose next word is their value; {2}, {3}, {4}: cases; {5}: first words
// of verbs that have two.
constexpr std::string_view kScript = R"(# bash completion of slipway. Made from cli/option_table.cc.

_slipway_images() {{
    slipway ${{pool:+--pool="$pool"}} list-images --no-legend 2>/dev/null | cut -d ' ' -f 1
}}

_slipway_first_column() {{
    slipway "$@" --no-legend 2>/dev/null | cut -d ' ' -f 1
}}

_slipway() {{
    local cur=${{COMP_WORDS[COMP_CWORD]}} option= pool= verb= words= i
    # bash parts an option from its value at the equals sign.
    if [[ $cur == = ]]; then
        option=${{COMP_WORDS[COMP_CWORD-1]}} cur=
    elif [[ ${{COMP_WORDS[COMP_CWORD-1]}} == = ]]; then
        option=${{COMP_WORDS[COMP_CWORD-2]}}
    else
        case ${{COMP_WORDS[COMP_CWORD-1]}} in
        {1}) option=${{COMP_WORDS[COMP_CWORD-1]}} ;;
        esac
    fi
    for ((i = 1; i < COMP_CWORD; ++i)); do
        case ${{COMP_WORDS[i]}} in
        {1})
            [[ ${{COMP_WORDS[i+1]}} == = ]] && ((++i))
            [[ ${{COMP_WORDS[i]}} == --pool || ${{COMP_WORDS[i-1]}} == --pool ]] &&
                pool=${{COMP_WORDS[i+1]}}
            ((++i)) ;;
        -*|=) ;;
        *)
            case $verb in
            '') verb=${{COMP_WORDS[i]}} ;;
            {5}) verb+=" ${{COMP_WORDS[i]}}" ;;
            esac ;;
        esac
    done
    COMPREPLY=()
    case $option in
{2}    esac
    if [[ $cur == -* ]]; then
        case $verb in
{3}        esac
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
        [[ ${{COMPREPLY[0]}} == *= ]] && compopt -o nospace 2>/dev/null
    elif [[ -z $verb ]]; then
        COMPREPLY=($(compgen -W '{0}' -- "$cur"))
    else
        case $verb in
{4}        esac
    fi
}}

complete -o filenames -F _slipway slipway
)";

} // namespace

std::string bash_completion() {
    return fmt::format(fmt::runtime(kScript), fmt::join(first_words(), " "), valued_options(),
                       value_cases(), option_cases(), operand_cases(), groups());
}

} // namespace slipway::cli
