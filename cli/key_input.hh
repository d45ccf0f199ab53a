// A key file on its way in: its bytes, what slipway-check says of them, and the name it gets.

#pragma once

#include <string>

#include "verify/key_list.hh"

namespace slipway::cli {

struct KeyInput {
    std::string content;  ///< exactly as it was given
    std::string shown;    ///< what it is called in messages: "'ubuntu.asc'"
    verify::KeyList list; ///< at least one key
};

/// @param operand  a file, or "-" for standard input
/// @throws Error  it is a URL, a secret key, holds no key, is too large; says what to do instead
KeyInput read_key_input(const std::string& operand);

/// "ubuntu" for "/tmp/ubuntu.asc"; NAME as given, less a suffix of key files.
/// @throws Error InvalidArgument: it cannot be a name, or standard input has none
std::string key_file_name(const std::string& operand, const std::string& given);

} // namespace slipway::cli
