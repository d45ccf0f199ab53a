// Where a request goes: redirects that are followed and credentials that travel along, and proxies.
// Pure: URLs and values of the environment in, URLs out.

#pragma once

#include <string>
#include <string_view>

namespace slipway::fetch {

/// Where to ask next after a redirect from `from` to `to` (absolute). The user part of `given`, the
/// URL of the request, goes along only to the same scheme, host and port; one in `to` is dropped.
/// @throws Error  Network: another scheme than http and https, or from https down to http
std::string follow_redirect(std::string_view given, std::string_view from, std::string_view to);

/// What the environment says of proxies, as curl(1) reads it.
struct Proxies {
    std::string http;  ///< http_proxy; never HTTP_PROXY, which a CGI's caller can set
    std::string https; ///< https_proxy or HTTPS_PROXY
    std::string all;   ///< all_proxy or ALL_PROXY
    std::string none;  ///< no_proxy or NO_PROXY: names, ".suffixes", addresses, networks, "*"
};

/// The proxy for this URL, with a scheme in front; empty: none.
std::string pick_proxy(const Proxies& proxies, std::string_view url);

} // namespace slipway::fetch
