// RFC 3986 §6.2.2 and §6.2.3, with what HTTP servers and libcurl take for the same besides.

#include "verify/url_prefix.hh"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::verify {
namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool is_pchar(char c) noexcept {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

// The byte that "%HH" in front of `text` stands for.
std::optional<char> escaped_byte(std::string_view text) noexcept {
    unsigned value = 0;
    if (text.size() < 3 || text[0] != '%' ||
        std::from_chars(text.data() + 1, text.data() + 3, value, 16).ptr != text.data() + 3) {
        return std::nullopt;
    }
    return static_cast<char>(value);
}

// One spelling of what can be spelled with and without "%HH".
std::string normalise_escapes(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::optional<char> byte = escaped_byte(text);
        const char c = byte.value_or(text.front());
        out +=
            is_pchar(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
        text.remove_prefix(byte ? 3 : 1);
    }
    return out;
}

// "host:8080" without what says nothing: the scheme's own port, zeros in front of it, a last dot.
std::string normalise_host(std::string_view scheme, std::string_view host) {
    const std::size_t bracket = host.rfind(']'); // of an IPv6 address
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    std::string_view port = host.substr(std::min(colon, host.size()));
    std::string name = lower(normalise_escapes(host.substr(0, colon)));
    if (name.ends_with('.')) {
        name.pop_back();
    }
    port.remove_prefix(std::min(port.find_first_not_of(":0"), port.size()));
    const std::string_view own = scheme == "https" ? "443" : "80";
    return port.empty() || port == own ? name : fmt::format("{}:{}", name, port);
}

// From the first slash behind the host to the query, with "." and ".." resolved.
std::string normalise_path(std::string_view path) {
    std::vector<std::string> segments;
    bool open = false; // ends in a slash
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t end = std::min(path.find('/'), path.size());
        std::string segment = normalise_escapes(path.substr(0, end));
        path.remove_prefix(end);
        open = segment == "." || segment == "..";
        if (segment == ".." && !segments.empty()) {
            segments.pop_back();
        } else if (!open) {
            segments.push_back(std::move(segment));
        }
    }
    if (open || segments.empty()) {
        segments.emplace_back();
    }
    return fmt::format("/{}", fmt::join(segments, "/"));
}

std::string_view raw_path(const Url& url) {
    std::string_view rest = url.text();
    rest.remove_prefix(rest.find("://") + 3);
    rest = rest.substr(0, rest.find_first_of("?#"));
    return rest.substr(std::min(rest.find('/'), rest.size()));
}

} // namespace

std::string normalised_place(const Url& url) {
    const std::string scheme(url.scheme());
    return fmt::format("{}://{}{}", scheme, normalise_host(scheme, url.host()),
                       normalise_path(raw_path(url)));
}

std::string parse_url_prefix(std::string_view text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    const Url url = Url::parse(lower(text.substr(0, colon)) + std::string(text.substr(colon)));
    if (text.find_first_of("?#") != std::string_view::npos) {
        throw Error(Kind::InvalidArgument,
                    "{} holds a query or a fragment; expected a URL up to "
                    "the end of a directory",
                    quoted(mask_urls(text)));
    }
    std::string prefix = normalised_place(url);
    if (prefix.ends_with('/')) {
        prefix.pop_back();
    }
    return prefix;
}

bool covers(std::string_view prefix, std::string_view place) noexcept {
    return place.starts_with(prefix) &&
           (place.size() == prefix.size() || place[prefix.size()] == '/');
}

} // namespace slipway::verify
