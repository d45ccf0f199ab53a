// A signature by the caller's own gpg: no key is ever seen by us.

#pragma once

#include <string>
#include <string_view>

namespace slipway::cli {

inline constexpr const char* kSignatureSuffix = ".gpg";

/// The detached binary signature of `text`. gpg finds keys, agent and pass phrase as it does for
/// the caller, and may ask on the terminal.
/// @param key  as for gpg --local-user; empty: its default key
/// @throws Error Untrusted: gpg could not sign, with what it said; NotFound: there is no gpg
std::string gpg_sign(std::string_view text, const std::string& key);

} // namespace slipway::cli
