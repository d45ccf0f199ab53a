// Proxy variables of the caller's, which the daemon never takes: else whoever may pull would decide
// through whose hands the bytes of root's images go.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/console.hh"

namespace slipway::cli {

/// The proxy variables that are set and not empty, in either case; none when only no_proxy is.
/// @param get  of getenv(3)'s kind
std::vector<std::string> proxy_variables(const std::function<const char*(const char*)>& get);

/// One line on standard error when there are such variables.
void warn_of_proxies(Console& console);

} // namespace slipway::cli
