// Header fields, one line at a time.

#include "fetch/response.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

#include "base/error.hh"

namespace slipway::fetch {
namespace {

bool same_name(std::string_view a, std::string_view b) noexcept {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [lower](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kBlanks = " \t\r\n";
    const std::size_t start = text.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) {
        return {};
    }
    return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

// "HTTP/1.1 200 OK", "HTTP/2 200".
int parse_status(std::string_view line) {
    const std::size_t blank = std::min(line.find(' '), line.size());
    return static_cast<int>(parse_number(trimmed(line.substr(blank)).substr(0, 3)).value_or(0));
}

struct TextField {
    std::string_view name;
    std::string Response::*where;
};
constexpr std::array kTextFields{
    TextField{"ETag", &Response::etag},
    TextField{"Last-Modified", &Response::last_modified},
    TextField{"Date", &Response::date},
    TextField{"Content-Type", &Response::content_type},
    TextField{"Content-Encoding", &Response::content_encoding},
    TextField{"Content-Range", &Response::content_range},
    TextField{"Retry-After", &Response::retry_after},
};

// Of a field that comes twice the first counts.
void set_field(Response& response, std::string_view name, std::string_view value) {
    if (same_name(name, "Content-Length") && !response.length_bytes) {
        response.length_bytes = parse_number(value);
    }
    if (response.length_bytes || same_name(name, "Transfer-Encoding")) {
        response.open_ended = false;
    }
    if (same_name(name, "Location") && response.location.empty()) {
        response.location = value; // its length is judged where it is followed
    }
    for (const auto& [known, where] : kTextFields) {
        if (same_name(name, known) && (response.*where).empty() && value.size() <= kMaxFieldBytes) {
            response.*where = value;
        }
    }
}

} // namespace

bool HeaderReader::add(std::string_view line) {
    bytes_ += line.size();
    ++lines_;
    if (bytes_ > kMaxHeaderBytes || lines_ > kMaxHeaderLines) {
        throw Error(Kind::Network, "the header of the answer is over {} bytes or {} lines",
                    kMaxHeaderBytes, kMaxHeaderLines);
    }
    if (line.starts_with("HTTP/")) {
        response_ = Response{};
        response_.status = parse_status(line);
        response_.open_ended = line.starts_with("HTTP/1."); // until a field says otherwise
        complete_ = false;
        return false;
    }
    if (complete_) {
        return false;
    }
    if (trimmed(line).empty()) {
        complete_ = response_.status >= 200;
        return complete_;
    }
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        set_field(response_, line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
    return false;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) {
        return std::nullopt;
    }
    text.remove_prefix(6);
    const std::size_t dash = text.find('-');
    const std::size_t slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) {
        return std::nullopt;
    }
    const auto first = parse_number(text.substr(0, dash));
    const auto last = parse_number(text.substr(dash + 1, slash - dash - 1));
    const std::string_view total_text = text.substr(slash + 1);
    const auto total = parse_number(total_text);
    if (!first || !last || *last < *first || (!total && total_text != "*") ||
        (total && *last >= *total)) {
        return std::nullopt;
    }
    return ContentRange{*first, *last, total};
}

std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view text) {
    constexpr std::string_view kStart = "bytes */";
    return text.starts_with(kStart) ? parse_number(text.substr(kStart.size())) : std::nullopt;
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
    const std::string copy(text);
    std::tm parts{};
    // The program never leaves the C locale, whose names of days and months these are.
    const char* end = ::strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0' || copy.size() != text.size()) {
        return std::nullopt;
    }
    return std::chrono::sys_seconds(std::chrono::seconds(::timegm(&parts)));
}

std::string strong_validator(const Response& response) {
    const std::string& etag = response.etag;
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
        return etag;
    }
    if (!etag.empty()) {
        return {}; // a weak tag is a server's word that the bytes may differ
    }
    const auto modified = parse_http_date(response.last_modified);
    const auto date = parse_http_date(response.date);
    return modified && date && *date - *modified >= std::chrono::seconds(1) ? response.last_modified
                                                                            : std::string();
}

} // namespace slipway::fetch
