// CLI11 takes the options apart; verbs and operands are what it leaves over. Its subcommands and
// positional arguments are not used: they take an operand that reads like a verb for a verb,
// refuse options behind an operand, and split an operand in brackets at its commas.

#include "cli/parse.hh"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/nearest.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "cli/option_table.hh"

namespace slipway::cli {
namespace {

using Words = std::span<const std::string>;

// What CLI11 found of one option of the table.
struct Given {
    const OptionSpec* spec;
    CLI::Option* option;
};

// The name of an option as it is typed.
std::string typed(const OptionSpec& option) {
    return option.name.empty() ? fmt::format("-{}", option.letter)
                               : fmt::format("--{}", option.name);
}

// Those that no other option has in front of it, with this verb.
std::string names_for_cli11(const OptionSpec& option, const VerbSpec* verb) {
    std::string names;
    if (find_option(option.name, verb) == &option) {
        names = fmt::format("--{}", option.name);
    }
    if (find_option(option.letter, verb) == &option) {
        names += fmt::format("{}-{}", names.empty() ? "" : ",", option.letter);
    }
    return names;
}

// False: no word can be this option.
bool may_be_among(Words words, const OptionSpec& option) {
    const std::string name = "--" + std::string(option.name);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
        return word.starts_with("--")
                   ? word.substr(0, word.find('=')) == name
                   : word.starts_with('-') && word.find(option.letter) != word.npos;
    });
}

// Those alone that the words can speak of: CLI11 compares each with all before it.
std::vector<Given> declare(CLI::App& app, Words words, const VerbSpec* verb) {
    std::vector<Given> declared;
    for (const OptionSpec& option : option_table()) {
        const std::string names = may_be_among(words, option) ? names_for_cli11(option, verb) : "";
        if (names.empty()) {
            continue;
        }
        const bool flag = option.value.empty() || option.value_optional;
        CLI::Option* made = flag ? app.add_flag(names) : app.add_option(names);
        declared.push_back({&option, made->take_all()});
    }
    return declared;
}

[[noreturn]] void refuse_option(std::string_view word) {
    const std::string name(word.substr(0, word.find('=')));
    std::vector<std::string> known;
    for (const OptionSpec& option : option_table()) {
        known.push_back(typed(option));
    }
    // Any letter is near any other: that would be no help.
    const auto near = name.starts_with("--") ? nearest(name, known) : std::nullopt;
    throw Error(Kind::InvalidArgument, "unknown option {}{}", quoted(name),
                near ? fmt::format("; did you mean {}?", quoted(*near))
                     : "; --help lists the options");
}

// What a verb can begin with; behind a first word of two, the verbs that do so.
std::vector<std::string> known_verbs(std::string_view first = {}) {
    std::vector<std::string> names;
    for (const std::string_view second : second_words(first)) {
        names.push_back(fmt::format("{} {}", first, second));
    }
    if (names.empty()) {
        const std::vector<std::string_view> words = first_words();
        names.assign(words.begin(), words.end());
    }
    return names;
}

std::size_t words_in_verb(const std::string& first) {
    return second_words(first).empty() ? 1 : 2;
}

// The verb that `words` begin with, which may have two of them.
const VerbSpec& expect_verb(Words words) {
    const std::size_t length = words_in_verb(words.front());
    const std::vector<std::string> names = known_verbs(words.front());
    if (words.size() < length) {
        throw Error(Kind::InvalidArgument, "'{}' lacks a word; expected one of {}", words.front(),
                    fmt::join(names, ", "));
    }
    const std::string word = fmt::format("{}", fmt::join(words.first(length), " "));
    if (const VerbSpec* spec = find_verb(word)) {
        return *spec;
    }
    const std::string shown = quoted(mask_urls(word)); // a URL whose verb was forgotten
    if (const auto near = nearest(word, names)) {
        throw Error(Kind::InvalidArgument, "unknown verb {}; did you mean {}?", shown,
                    quoted(*near));
    }
    throw Error(Kind::InvalidArgument, "unknown verb {}; expected one of {}", shown,
                fmt::join(names, ", "));
}

// CLI11 would take the next word for the value that "--name=" leaves out.
void refuse_empty_values(Words words) {
    for (const std::string& word : words) {
        if (word.size() > 3 && word.starts_with("--") && word.find('=') == word.size() - 1) {
            const OptionSpec* option =
                find_option(std::string_view(word).substr(2, word.size() - 3));
            if (option != nullptr) {
                throw Error(Kind::InvalidArgument, "option '{}' has an empty value; expected {}",
                            typed(*option), synopsis(*option));
            }
        }
    }
}

// The words that are no options, in their order.
std::vector<std::string> take_options(CLI::App& app, Words words, const VerbSpec* verb) {
    std::vector<std::string> reversed(words.rbegin(), words.rend()); // as CLI11 wants them
    try {
        app.parse(reversed);
    } catch (const CLI::ArgumentMismatch&) {
        // Only the last word can lack its value: otherwise the next is taken for it.
        const std::string& word = words.back();
        const OptionSpec* option = word.starts_with("--")
                                       ? find_option(std::string_view(word).substr(2), verb)
                                       : find_option(word.back(), verb);
        throw Error(Kind::InvalidArgument, "option {} needs a value{}", quoted(word),
                    option != nullptr ? ": " + synopsis(*option) : "");
    } catch (const CLI::Error& error) {
        throw Error(Kind::InvalidArgument, "{}", relayed(error.what()));
    }
    std::vector<std::string> rest = app.remaining();
    for (const std::string& word : rest) {
        if (word.size() > 1 && word.front() == '-') {
            refuse_option(word);
        }
    }
    return rest;
}

void apply_value(const OptionSpec& option, std::string value, Options& options) {
    if (option.value.empty() || option.value_optional) {
        value = value == "true" ? "" : value; // CLI11's word for a flag without value
    }
    if (option.value.empty() && !value.empty()) {
        throw Error(Kind::InvalidArgument, "option '{}' takes no value", typed(option));
    }
    try {
        option.apply(options, value);
    } catch (Error& error) {
        error.add_context("option '{}'", typed(option));
        throw;
    }
}

Options apply_all(const std::vector<Given>& given, const VerbSpec* verb) {
    Options options;
    for (const auto& [spec, option] : given) {
        if (option->count() == 0) {
            continue;
        }
        if (verb != nullptr && !contains(spec->verbs, verb->verb)) {
            throw Error(Kind::InvalidArgument, "option '{}' does not go with '{}'", typed(*spec),
                        verb->name);
        }
        const std::vector<std::string>& values = option->results();
        // Of an option that is given twice the last one holds, as with getopt_long(3).
        const std::size_t first = spec->repeatable ? 0 : values.size() - 1;
        for (std::size_t i = first; i < values.size(); ++i) {
            apply_value(*spec, values[i], options);
        }
    }
    if (!options.pool_given) {
        options.pool = storage::main_pool(options.image_class);
    }
    return options;
}

void check_operands(const VerbSpec& verb, std::size_t count) {
    if (count < verb.min_operands) {
        throw Error(Kind::InvalidArgument, "'{}' lacks an operand; expected slipway {} {}",
                    verb.name, verb.name, verb.operands);
    }
    if (count > verb.max_operands) {
        throw Error(Kind::InvalidArgument,
                    "'{}' takes no more than {} operand{}; expected slipway {}{}{}", verb.name,
                    verb.max_operands, verb.max_operands == 1 ? "" : "s", verb.name,
                    verb.operands.empty() ? "" : " ", verb.operands);
    }
}

// Where options end: at "--", or behind the operands of a verb that takes a command. "--" itself
// is not one of the words behind the end.
struct Parted {
    Words before;
    Words behind;
};

bool takes_next_word(std::string_view word) {
    const OptionSpec* option = nullptr;
    if (word.starts_with("--")) {
        option = word.find('=') == word.npos ? find_option(word.substr(2)) : nullptr;
    } else if (word.size() == 2) {
        option = find_option(word[1]);
    }
    return option != nullptr && !option->value.empty() && !option->value_optional;
}

Parted part(Words arguments) {
    const VerbSpec* verb = nullptr;
    std::size_t operands = 0;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--") {
            return {arguments.first(i), arguments.subspan(i + 1)};
        }
        if (word.size() > 1 && word.front() == '-') {
            i += takes_next_word(word) ? 1 : 0;
            continue;
        }
        if (verb == nullptr) {
            verb = find_verb(word);
            if (verb == nullptr || verb->operands_before_command == 0) {
                break;
            }
        } else if (++operands == verb->operands_before_command) {
            const Words behind = arguments.subspan(i + 1);
            const bool is_parted = !behind.empty() && behind.front() == "--";
            return {arguments.first(i + 1), is_parted ? behind.subspan(1) : behind};
        }
    }
    const auto end = std::find(arguments.begin(), arguments.end(), "--");
    const auto before = static_cast<std::size_t>(end - arguments.begin());
    return {arguments.first(before),
            end == arguments.end() ? Words() : arguments.subspan(before + 1)};
}

// The verb that words begin with, before options are taken from between them; nothing for none.
const VerbSpec* foresee_verb(Words words) {
    std::string name;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].size() > 1 && words[i].front() == '-') {
            i += takes_next_word(words[i]) ? 1 : 0;
            continue;
        }
        name += name.empty() ? words[i] : " " + words[i];
        if (words_in_verb(name) == 1) {
            return find_verb(name);
        }
    }
    return nullptr;
}

} // namespace

Invocation parse(std::span<const std::string> arguments) {
    const auto [before, behind] = part(arguments);
    refuse_empty_values(before);

    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    const VerbSpec* foreseen = foresee_verb(before);
    const std::vector<Given> given = declare(app, before, foreseen);
    std::vector<std::string> words = take_options(app, before, foreseen);
    words.insert(words.end(), behind.begin(), behind.end());

    const VerbSpec* verb = words.empty() ? nullptr : &expect_verb(words);
    Invocation asked;
    asked.options = apply_all(given, verb);
    if (asked.options.help || asked.options.version) {
        if (verb != nullptr) {
            asked.operands.emplace_back(verb->name);
        }
        return asked;
    }
    if (verb == nullptr) {
        throw Error(Kind::InvalidArgument, "no verb given; expected one of {}",
                    fmt::join(known_verbs(), ", "));
    }
    asked.verb = verb->verb;
    words.erase(words.begin(),
                words.begin() + static_cast<std::ptrdiff_t>(words_in_verb(words.front())));
    if (verb->verb == Verb::Help && !words.empty()) { // one operand, though of two words
        const std::string name(expect_verb(words).name);
        words.erase(words.begin(), words.begin() + (name == words.front() ? 0 : 1));
        words.front() = name;
    }
    asked.operands = std::move(words);
    check_operands(*verb, asked.operands.size());
    return asked;
}

} // namespace slipway::cli
