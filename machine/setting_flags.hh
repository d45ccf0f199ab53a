// What a person says of a machine on a command line, in systemd-nspawn's words: each setting of the
// table has a flag, and is read as in a file.

#pragma once

#include <optional>
#include <string_view>

#include "machine/setting_network.hh"
#include "machine/setting_table.hh"

namespace slipway::machine {

/// What was said so far.
struct SettingFlags {
    SettingsDraft draft;
    std::optional<NetworkChoice> network; ///< --network=, in the place of the other words
    bool operator==(const SettingFlags&) const = default;
};

/// One of the table's flags: "--bind". Without a value it is "yes". What differs from a file: a
/// variable is taken as it stands, blanks and quotes included; capabilities are parted by commas;
/// a limit is named in the value ("RLIMIT_NOFILE=512:1024", the prefix may be left out).
/// @throws Error InvalidArgument: what was expected and found
void say(SettingFlags& said, std::string_view flag, std::string_view value);

/// "NAME:VALUE", into the machine's credentials.
/// @throws Error InvalidArgument: it is not that
void say_credential(SettingFlags& said, std::string_view value);

/// All of it together.
/// @throws Error InvalidArgument: two of them exclude each other
Settings settings_of(const SettingFlags& said);

} // namespace slipway::machine
