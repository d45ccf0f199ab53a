// A function of bash alone: the library of the package bash-completion is not needed.

#include <string_view>

#include <fmt/format.h>

#include "cli/completion.hh"
#include "cli/option_table.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {
namespace {

std::string verb_words() {
    std::string words;
    for (const VerbSpec& verb : verb_table()) {
        words += fmt::format("{}{}", words.empty() ? "" : " ", verb.name);
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
        out += fmt::format("            {}) words='{}' ;;\n", verb.name, option_words(&verb));
    }
    return out + fmt::format("            *) words='{}' ;;\n", option_words(nullptr));
}

std::string operand_cases() {
    std::string out;
    for (const VerbSpec& verb : verb_table()) {
        switch (verb.operand) {
        case Operand::File:
            out += fmt::format("        {}) COMPREPLY=($(compgen -f -- \"$cur\")) ;;\n", verb.name);
            break;
        case Operand::Directory:
            out += fmt::format("        {}) COMPREPLY=($(compgen -d -- \"$cur\")) ;;\n", verb.name);
            break;
        case Operand::Image:
            out += fmt::format("        {}) COMPREPLY=($(compgen -W \"$(_slipway_images)\" -- "
                               "\"$cur\")) ;;\n",
                               verb.name);
            break;
        case Operand::Transfer:
        case Operand::EndedTransfer:
            out += fmt::format("        {}) COMPREPLY=($(compgen -W \"$(_slipway_numbers {})\" -- "
                               "\"$cur\")) ;;\n",
                               verb.name,
                               verb.operand == Operand::Transfer ? "list-transfers" : "history");
            break;
        case Operand::Verb:
            out += fmt::format("        {}) COMPREPLY=($(compgen -W '{}' -- \"$cur\")) ;;\n",
                               verb.name, verb_words());
            break;
        case Operand::None:
        case Operand::Url:
            break;
        }
    }
    return out;
}

// {0}: verbs; {1}: options whose next word is their value; {2}, {3}, {4}: cases.
constexpr std::string_view kScript = R"(# bash completion of slipway. Made from cli/option_table.cc.

_slipway_images() {{
    slipway ${{pool:+--pool="$pool"}} list-images --no-legend 2>/dev/null | cut -d ' ' -f 1
}}

_slipway_numbers() {{
    slipway "$1" --no-legend 2>/dev/null | cut -d ' ' -f 1
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
        *) [[ -z $verb ]] && verb=${{COMP_WORDS[i]}} ;;
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
    return fmt::format(fmt::runtime(kScript), verb_words(), valued_options(), value_cases(),
                       option_cases(), operand_cases());
}

} // namespace slipway::cli
