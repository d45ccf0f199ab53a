// Whether one URL lies below another, however the two are spelled. What a key is pinned to hangs on
// it: two spellings of one place must be one, and two places never.

#pragma once

#include <string>
#include <string_view>

#include "base/url.hh"

namespace slipway::verify {

/// "https://host:8080/a/b", as prefixes are compared: scheme and host in lower case; without user,
/// the scheme's own port, a dot behind the host, query and fragment; "." and ".." resolved (RFC
/// 3986 §5.2.4); what a path may hold as it is (§3.3, pchar) not percent-encoded, all else with
/// capital digits. "//" is kept: servers may mean something by it.
std::string normalised_place(const Url& url);

/// The same for a prefix as people write it: a slash at its end says nothing.
/// @throws Error InvalidArgument: no URL, or one with a query or a fragment
std::string parse_url_prefix(std::string_view text);

/// Whether `place` is `prefix` or lies below it, by whole segments of the path. Both normalised.
bool covers(std::string_view prefix, std::string_view place) noexcept;

} // namespace slipway::verify
