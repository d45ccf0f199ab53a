// From the words of a command line to what was asked for. The one place that knows CLI11.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/options.hh"
#include "cli/verb_table.hh"

namespace slipway::cli {

struct Invocation {
    Verb verb = Verb::Help;
    std::vector<std::string> operands;
    Options options;
};

/// Options may stand before and behind the verb and its operands; "--" ends them.
/// With --help the verb is Help and its operand the verb that was given, if any.
/// @throws Error InvalidArgument: an unknown verb or option with the nearest known word, an option
///         that does not go with the verb, a wrong value, too few or too many operands
Invocation parse(std::span<const std::string> arguments);

} // namespace slipway::cli
