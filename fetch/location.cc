// RFC 3986 as far as origins need it; no_proxy as curl reads it (names match whole labels from the
// right, addresses may be networks with a prefix length).

#include "fetch/location.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"

namespace slipway::fetch {
namespace {

constexpr std::size_t kMaxUrlBytes = 8 * KiB;

// Where the parts of an absolute URL lie in its text.
struct Parts {
    std::string_view scheme;
    std::string_view user; ///< with its '@'
    std::string_view host; ///< with brackets
    std::string_view port;
    std::string_view rest; ///< path, query, fragment
};

Parts split(std::string_view url) {
    Parts parts;
    const std::size_t colon = url.find("://");
    if (colon == std::string_view::npos) {
        parts.scheme = url.substr(0, std::min(url.size(), url.find(':')));
        return parts;
    }
    parts.scheme = url.substr(0, colon);
    std::string_view authority = url.substr(colon + 3);
    const std::size_t end = std::min(authority.find_first_of("/?#"), authority.size());
    parts.rest = authority.substr(end);
    authority = authority.substr(0, end);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        parts.user = authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
    const std::size_t bracket = authority.find(']');
    const std::size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    parts.host = authority.substr(0, port);
    if (port != std::string_view::npos) {
        parts.port = authority.substr(port + 1);
    }
    return parts;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    return out;
}

std::string origin(const Parts& parts) {
    const std::string scheme = lower(parts.scheme);
    const std::string_view port =
        parts.port.empty() ? (scheme == "https" ? "443" : "80") : parts.port;
    return fmt::format("{}://{}:{}", scheme, lower(parts.host), port);
}

// An address as its bytes: 4, 16 or none.
std::string address_bytes(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) {
        text = text.substr(1, text.size() - 2);
    }
    const std::string copy(text);
    std::array<char, 16> bytes{};
    if (::inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) {
        return std::string(bytes.data(), 4);
    }
    if (::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) {
        return std::string(bytes.data(), 16);
    }
    return {};
}

bool lies_in_network(const std::string& address, std::string_view network) {
    const std::size_t slash = std::min(network.find('/'), network.size());
    const std::string base = address_bytes(network.substr(0, slash));
    if (base.empty() || base.size() != address.size()) {
        return false;
    }
    std::size_t bits = base.size() * 8;
    if (slash < network.size()) {
        const std::string_view text = network.substr(slash + 1);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
        if (error != std::errc() || end != text.data() + text.size() || bits > base.size() * 8) {
            return false;
        }
    }
    const std::size_t whole = bits / 8;
    const int left = static_cast<int>(bits % 8);
    const auto top = [left](char byte) { return static_cast<unsigned char>(byte) >> (8 - left); };
    return std::memcmp(base.data(), address.data(), whole) == 0 &&
           (left == 0 || top(base[whole]) == top(address[whole]));
}

bool name_matches(std::string host, std::string_view rule) {
    std::string wanted = lower(rule);
    if (wanted.starts_with('.')) {
        wanted.erase(0, 1);
    }
    for (std::string* one : {&host, &wanted}) {
        if (one->ends_with('.')) {
            one->pop_back();
        }
    }
    return !wanted.empty() && (host == wanted || host.ends_with("." + wanted));
}

bool goes_without(std::string_view none, std::string_view host) {
    const std::string address = address_bytes(host);
    while (!none.empty()) {
        const std::size_t start = std::min(none.find_first_not_of(", "), none.size());
        none.remove_prefix(start);
        const std::size_t end = std::min(none.find_first_of(", "), none.size());
        const std::string_view rule = none.substr(0, end);
        none.remove_prefix(end);
        if (rule == "*" ||
            (address.empty() ? name_matches(lower(host), rule) : lies_in_network(address, rule))) {
            return true;
        }
    }
    return false;
}

} // namespace

std::string follow_redirect(std::string_view given, std::string_view from, std::string_view to) {
    const Parts target = split(to);
    const std::string scheme = lower(target.scheme);
    const auto refuse = [&](std::string_view why) {
        return Error(Kind::Network, "{} redirects to {}: {}", quoted(mask_urls(from)),
                     quoted(mask_urls(to)), why);
    };
    if (to.size() > kMaxUrlBytes) {
        throw refuse(fmt::format("the address is over {} bytes", kMaxUrlBytes));
    }
    if ((scheme != "http" && scheme != "https") || target.host.empty()) {
        throw refuse("only http and https are followed");
    }
    if (lower(split(from).scheme) == "https" && scheme == "http") {
        throw refuse("going from https down to http is refused");
    }
    const Parts own = split(given);
    const std::string_view user = origin(own) == origin(target) ? own.user : std::string_view();
    const std::string_view colon = target.port.empty() ? "" : ":";
    return fmt::format("{}://{}{}{}{}{}", scheme, user, target.host, colon, target.port,
                       target.rest);
}

std::string pick_proxy(const Proxies& proxies, std::string_view url) {
    const Parts parts = split(url);
    const std::string& own = lower(parts.scheme) == "https" ? proxies.https : proxies.http;
    const std::string& proxy = own.empty() ? proxies.all : own;
    if (proxy.empty() || goes_without(proxies.none, parts.host)) {
        return {};
    }
    return proxy.find("://") == std::string::npos ? "http://" + proxy : proxy;
}

} // namespace slipway::fetch
