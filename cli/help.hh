// --help, of the program and of each verb, from the tables.

#pragma once

#include <string>

#include "cli/verb_table.hh"

namespace slipway::cli {

/// With all verbs and all options.
std::string general_help();
/// With the options that go with the verb.
std::string verb_help(const VerbSpec& verb);

} // namespace slipway::cli
