// The options, declared once: the parser, --help, slipway(1) and the completions are made from
// this table, and tests/cli/declaration_test.cc fails when one of them parts from it.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/options.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {

/// What a shell offers for the value of an option.
enum class Completion { Nothing, Words, File, Directory };

struct OptionSpec {
    std::string_view group{}; ///< heading in --help and in the manual
    std::string_view name{};  ///< without the dashes
    char letter = '\0';       ///< of the short form; 0: none
    std::string_view value{}; ///< the word for its value in help ("DIR"); empty: a flag
    /// The value can be left out, and is given as --name=VALUE only.
    bool value_optional = false;
    bool repeatable = false;
    std::string_view fallback{}; ///< the default as one would type it; empty: none
    std::string_view unit{};     ///< what the value is counted in, when it is a bare number
    Completion completion = Completion::Nothing;
    std::string_view words{}; ///< for Completion::Words, parted by blanks
    std::string_view help{};  ///< one sentence without full stop
    VerbSet verbs = kEveryVerb;
    /// Puts the value into the options; "" for a flag, or for an optional value left out.
    /// @throws Error InvalidArgument: what was expected
    void (*apply)(Options&, std::string_view value) = nullptr;
};

std::span<const OptionSpec> option_table() noexcept;
/// Nothing for a word that is no option. Without the dashes. Verbs that have nothing to do with
/// each other can have options of one name or letter, all with a value or all without: with a verb
/// it is its own, if it has one; else the first in the table.
const OptionSpec* find_option(std::string_view name, const VerbSpec* verb = nullptr) noexcept;
const OptionSpec* find_option(char letter, const VerbSpec* verb = nullptr) noexcept;

/// "--pool=DIR", "--json[=FORM]", "--force".
std::string synopsis(const OptionSpec& option);
/// The help with unit and default behind it: "… (bytes; default: 20G)".
std::string described(const OptionSpec& option);

} // namespace slipway::cli
