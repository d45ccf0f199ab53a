// One `complete` command for each verb and option. fish's own __fish_seen_subcommand_from would
// take "keys remove" for "remove".

#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

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

// "'pull-tar' 'keys add'"
std::string quoted_names(VerbSet set) {
    std::string names;
    for (const VerbSpec& verb : verb_table()) {
        if (contains(set, verb.verb)) {
            names += fmt::format("{}{}", names.empty() ? "" : " ", fish_text(verb.name));
        }
    }
    return names;
}

// "-n \"__slipway_verb_is 'keys add'\"", for one or several names in quotes.
std::string only_behind(std::string_view names) {
    return fmt::format(" -n \"__slipway_verb_is {}\"", names);
}

// An option is offered before the verb, and behind the verbs it goes with.
std::string condition(const OptionSpec& option) {
    return option.verbs == kEveryVerb ? "" : only_behind("'' " + quoted_names(option.verbs));
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

// In fish the offers of a command follow it in brackets; its first column is what is meant.
std::string first_column(std::string_view words) {
    return fmt::format("-a '(slipway {} --no-legend 2>/dev/null | string split -f 1 \" \")'",
                       words);
}

std::string operands_line(const VerbSpec& verb) {
    const auto offer = [&verb](std::string_view what) {
        return fmt::format("complete -c slipway{} {}\n", only_behind(fish_text(verb.name)), what);
    };
    switch (verb.operand) {
    case Operand::File:
        return offer("-F");
    case Operand::Directory:
        return offer("-a '(__fish_complete_directories)'");
    case Operand::Image:
        return offer(first_column("list-images"));
    case Operand::Machine:
        return offer(first_column("list"));
    case Operand::Transfer:
        return offer(first_column("list-transfers"));
    case Operand::EndedTransfer:
        return offer(first_column("history"));
    case Operand::Key:
        return offer(first_column("keys list"));
    case Operand::Verb:
        return offer(fmt::format("-a '{}'", fmt::join(first_words(), " ")));
    case Operand::Url:
    case Operand::None:
        break;
    }
    return "";
}

// The words of the verb itself: the last one, behind what stands in front of it.
std::string verb_line(const VerbSpec& verb) {
    const std::size_t blank = verb.name.find(' ');
    const bool one_word = blank == std::string_view::npos;
    return fmt::format("complete -c slipway{} -a {} -d {}\n",
                       only_behind(fish_text(one_word ? "" : verb.name.substr(0, blank))),
                       one_word ? verb.name : verb.name.substr(blank + 1), fish_text(verb.summary));
}

std::string group_lines() {
    std::string out;
    for (const std::string_view first : first_words()) {
        const auto second = second_words(first);
        if (!second.empty()) {
            out += fmt::format("complete -c slipway{} -a {} -d {}\n", only_behind("''"), first,
                               fish_text(fmt::format("{}", fmt::join(second, ", "))));
        }
    }
    return out;
}

// {0}: first words; {1}: those of verbs of two words; {2}: such verbs.
constexpr std::string_view kFunctions = R"(
function __slipway_verb
    set -l verb ''
    for word in (commandline -opc)[2..]
        switch $verb
            case ''
                contains -- $word {0}
                and set verb $word
            case {1}
                contains -- "$verb $word" {2}
                and set verb "$verb $word"
        end
    end
    echo $verb
end

function __slipway_verb_is
    contains -- (__slipway_verb) $argv
end

)";

std::string functions() {
    std::string groups;
    std::string two;
    for (const std::string_view first : first_words()) {
        const auto second = second_words(first);
        groups += second.empty() ? "" : fmt::format(" {}", first);
        for (const std::string_view word : second) {
            two += fmt::format(" '{} {}'", first, word);
        }
    }
    return fmt::format(fmt::runtime(kFunctions), fmt::join(first_words(), " "), groups, two);
}

} // namespace

std::string fish_completion() {
    std::string out = "# fish completion of slipway. Made from cli/option_table.cc.\n" +
                      functions() + "complete -c slipway -f\n" + group_lines();
    for (const VerbSpec& verb : verb_table()) {
        out += verb_line(verb) + operands_line(verb);
    }
    for (const OptionSpec& option : option_table()) {
        out += option_line(option);
    }
    return out;
}

} // namespace slipway::cli
