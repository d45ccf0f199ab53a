// RFC 3986, as far as an image's URL needs it: scheme, authority, path, query, fragment.

#include "base/url.hh"

#include <algorithm>
#include <cctype>
#include <cstddef>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway {
namespace {

// Where the parts of a URL lie in its text; every part may be empty.
struct Parts {
    std::string_view scheme;
    std::string_view user; ///< with its '@'
    std::string_view host; ///< with its port
    std::string_view path;
    std::string_view query;    ///< with its '?'
    std::string_view fragment; ///< with its '#'
};

Parts split(std::string_view text) {
    Parts parts;
    const std::size_t colon = text.find("://");
    parts.scheme = text.substr(0, colon);
    std::string_view rest = text.substr(std::min(text.size(), colon + 3));
    const std::size_t hash = rest.find('#');
    if (hash != std::string_view::npos) {
        parts.fragment = rest.substr(hash);
        rest = rest.substr(0, hash);
    }
    const std::size_t question = rest.find('?');
    if (question != std::string_view::npos) {
        parts.query = rest.substr(question);
        rest = rest.substr(0, question);
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    std::string_view authority = rest.substr(0, slash);
    parts.path = rest.substr(slash);
    const std::size_t at = authority.rfind('@');
    if (at != std::string_view::npos) {
        parts.user = authority.substr(0, at + 1);
        authority.remove_prefix(at + 1);
    }
    parts.host = authority;
    return parts;
}

int hex_value(char digit) noexcept {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    const char lower = static_cast<char>(digit | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// Undoes %HH; a percent sign that begins no such triple stands for itself.
std::string percent_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
        if (low >= 0) {
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

// RFC 3986 §3.3: pchar, less what would end the path.
std::string percent_encode(std::string_view text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-._~!$&'()*+,;=:@";
    std::string out;
    for (const char c : text) {
        if (kPlain.find(c) != std::string_view::npos) {
            out.push_back(c);
        } else {
            out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string_view last_segment(std::string_view path) {
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    return path.substr(path.rfind('/') + 1);
}

// The user part and every value of the query may be a password or a token.
std::string mask(const Parts& parts) {
    std::string out = fmt::format("{}://", parts.scheme);
    if (!parts.user.empty()) {
        out += "…@";
    }
    out += parts.host;
    out += parts.path;
    bool value = false;
    for (const char c : parts.query) {
        if (c == '&' || c == '?') {
            value = false;
            out.push_back(c);
        } else if (c == '=' && !value) {
            value = true;
            out += "=…";
        } else if (!value) {
            out.push_back(c);
        }
    }
    return out;
}

} // namespace

Url Url::parse(std::string_view text) {
    const auto outside = [](char c) { return c <= ' ' || c > '~'; };
    if (std::any_of(text.begin(), text.end(), outside)) {
        throw Error(Kind::InvalidArgument,
                    "URL {} holds a blank, a control character or a byte outside ASCII; expected "
                    "those as %HH",
                    quoted(mask_urls(text)));
    }
    const Parts parts = split(text);
    const bool http = text.starts_with("http://") || text.starts_with("https://");
    const bool file = text.starts_with("file:///");
    if (!http && !file) {
        throw Error(Kind::InvalidArgument,
                    "URL {} is not supported; expected http://…, https://… or file:///…",
                    quoted(mask_urls(text)));
    }
    if (http && (parts.host.empty() || parts.host.starts_with(':'))) {
        throw Error(Kind::InvalidArgument, "URL {} names no host", quoted(mask_urls(text)));
    }
    return Url(std::string(text));
}

std::string_view Url::scheme() const noexcept {
    return split(text_).scheme;
}

std::string Url::host() const {
    std::string host(split(text_).host);
    std::transform(host.begin(), host.end(), host.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return host;
}

std::string Url::path() const {
    return percent_decode(split(text_).path);
}

std::string_view Url::raw_path() const noexcept {
    return split(text_).path;
}

std::string Url::masked() const {
    return mask(split(text_));
}

std::string_view Url::raw_file_name() const noexcept {
    return last_segment(split(text_).path);
}

std::string Url::file_name() const {
    return percent_decode(raw_file_name());
}

Url Url::sibling(std::string_view name) const {
    const Parts parts = split(text_);
    std::string_view path = parts.path;
    while (path.ends_with('/')) {
        path.remove_suffix(1);
    }
    const std::size_t slash = path.rfind('/');
    const std::string_view directory = slash == std::string_view::npos ? "" : path.substr(0, slash);
    return Url(fmt::format("{}://{}{}{}/{}{}", parts.scheme, parts.user, parts.host, directory,
                           percent_encode(name), parts.query));
}

std::string mask_urls(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t start = text.find("://");
        if (start == std::string_view::npos) {
            out += text;
            break;
        }
        const std::size_t end = std::min(text.find_first_of(" '\"<>\n\t", start), text.size());
        std::size_t scheme = start;
        while (scheme > 0 && std::isalpha(static_cast<unsigned char>(text[scheme - 1])) != 0) {
            --scheme;
        }
        out += text.substr(0, scheme);
        out += mask(split(text.substr(scheme, end - scheme)));
        text.remove_prefix(end);
    }
    return out;
}

} // namespace slipway
