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

// RFC 3986 §3.2.2 and §3.3, beside letters and digits.
constexpr std::string_view kPlainInHost = "-._~!$&'()*+,;=";
constexpr std::string_view kPlainInPath = "-._~!$&'()*+,;=:@";

// The byte that "%HH" in front of `text` stands for.
std::optional<char> escaped_byte(std::string_view text) noexcept {
    unsigned value = 0;
    if (text.size() < 3 || text[0] != '%' ||
        std::from_chars(text.data() + 1, text.data() + 3, value, 16).ptr != text.data() + 3) {
        return std::nullopt;
    }
    return static_cast<char>(value);
}

// One spelling of what can be spelled with and without "%HH": without where it is plain.
std::string normalise_escapes(std::string_view text, std::string_view plain) {
    std::string out;
    while (!text.empty()) {
        const std::optional<char> byte = escaped_byte(text);
        const auto c = static_cast<unsigned char>(byte.value_or(text.front()));
        const bool is_plain =
            std::isalnum(c) != 0 || plain.find(static_cast<char>(c)) != plain.npos;
        out += is_plain ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
        text.remove_prefix(byte ? 3 : 1);
    }
    return out;
}

// "host:8080" without what says nothing: the scheme's own port, zeros in front of it, a last dot.
std::string normalise_host(std::string_view scheme, std::string_view host) {
    const bool literal = host.starts_with('['); // an IPv6 address
    const std::size_t colon = host.find(':', literal ? host.rfind(']') : 0);
    const std::string_view written = host.substr(0, colon);
    std::string name =
        lower(literal ? std::string(written) : normalise_escapes(written, kPlainInHost));
    if (name.size() > 1 && name.ends_with('.') && !name.ends_with("..")) {
        name.pop_back();
    }
    std::string_view port = host.substr(std::min(colon, host.size()));
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
        std::string segment = normalise_escapes(path.substr(0, end), kPlainInPath);
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
