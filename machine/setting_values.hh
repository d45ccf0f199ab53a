// Values of settings as systemd.nspawn(5) writes them, and what they have to be. Every function
// throws Error InvalidArgument with what was expected and found.

#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/machine_spec.hh"

namespace slipway::machine {

/// Words between blanks. Quotes of either kind hold a word together and are taken away; a backslash
/// is nothing special.
std::vector<std::string> parse_words(std::string_view value);

/// A word of the list, as it is.
std::string parse_choice(std::string_view value, std::initializer_list<std::string_view> choices);

/// Absolute, without "." and "..".
std::string parse_absolute_path(std::string_view value);

/// Letters, digits, '-', '_' and '.' as systemd's hostname_is_valid() has them, at most 64.
bool is_host_name(std::string_view text) noexcept;
std::string parse_host_name(std::string_view value);

/// "NAME=value".
std::pair<std::string, std::string> parse_assignment(std::string_view value);

/// "CAP_NET_ADMIN", or "all", each.
std::vector<std::string> parse_capabilities(std::string_view value);

/// "SIGTERM", "TERM", "SIGRTMIN+3" to the name with "SIG" in front.
std::string parse_signal_name(std::string_view value);

/// 32 hexadecimal digits, or a UUID, to the former.
std::string parse_machine_id(std::string_view value);

/// A name or a number of a user.
std::string parse_user(std::string_view value);

/// "x86", "x86-64" and what else the engine knows.
std::string parse_personality(std::string_view value);

/// "SOFT:HARD" or one for both: numbers with their units, or "infinity".
std::string parse_limit(std::string_view value);

int parse_oom_score(std::string_view value);

/// "0-3 5,7".
std::string parse_cpu_list(std::string_view value);

/// "@mount bpf", "~@mount": names and groups of system calls.
std::string parse_system_calls(std::string_view value);

/// yes, no, "state", "overlay".
Volatile parse_volatile(std::string_view value);

/// yes, "pick", no, "identity", "BASE", "BASE:COUNT".
std::pair<PrivateUsers, UserRange> parse_private_users(std::string_view value);

/// "off", "chown", "map", "auto".
Ownership parse_ownership(std::string_view value);

} // namespace slipway::machine
