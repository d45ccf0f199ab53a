// What the header of an answer says, as far as a download needs it (RFC 9110). Pure: text in,
// values out. Field values longer than kMaxFieldBytes are left out.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hh"

namespace slipway::fetch {

/// The fields as they came, blanks around them removed; empty when they did not come.
struct Response {
    int status = 0;
    std::optional<std::uint64_t> length_bytes; ///< Content-Length: of this answer's body
    std::string etag;
    std::string last_modified;
    std::string date;
    std::string content_type;
    std::string content_encoding;
    std::string content_range;
    std::string retry_after;
    std::string location;    ///< as it came: absolute or relative
    bool open_ended = false; ///< HTTP/1 without length or coding: the body ends with the connection
};

inline constexpr std::size_t kMaxHeaderBytes = 256 * KiB;
inline constexpr std::size_t kMaxHeaderLines = 1000;
inline constexpr std::size_t kMaxFieldBytes = 4 * KiB;

/// Puts one answer's header together from its lines.
class HeaderReader {
public:
    /// Takes the next line, with its line end. True when it completes the header of a final
    /// answer; interim ones (1xx) are skipped, and so are the trailers that follow a body.
    /// @throws Error  Network: larger than the limits above
    bool add(std::string_view line);
    const Response& response() const noexcept { return response_; }
    bool complete() const noexcept { return complete_; }

private:
    Response response_;
    std::size_t bytes_ = 0;
    std::size_t lines_ = 0;
    bool complete_ = false;
};

/// "bytes 5-9/10"; the total may be '*'.
struct ContentRange {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text);
/// The total of "bytes */10", which comes with status 416.
std::optional<std::uint64_t> parse_unsatisfied_range(std::string_view text);

/// "Sun, 06 Nov 1994 08:49:37 GMT"; the obsolete forms count as unreadable.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text);

/// The ETag when it is a strong one (RFC 9110 §8.8.3), else the Last-Modified when it may be used
/// as one: the answer's Date is at least a second later (§8.8.2.2), so the file cannot have
/// changed again within the same second. Empty when there is neither.
std::string strong_validator(const Response& response);

} // namespace slipway::fetch
