// What the keeper and slipway-fetch say to each other (docs/protocol.md §2), as values and as JSON.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/outcome.hh"

namespace slipway::fetch {

/// Requests that are on their way at a time, and connections open at a time, for the whole of a
/// job.
inline constexpr unsigned kMaxConnections = 4;

/// How patient a job is with the network. Sent once, before the first request.
struct Settings {
    std::chrono::milliseconds connect_timeout{15'000};
    /// The stall limit: as long as we asked for bytes and fewer than `stall_bytes` a second came
    /// over this time, the connection counts as cut.
    std::chrono::milliseconds stall_timeout{30'000};
    std::uint64_t stall_bytes = 30;
    /// The first step of the back-off; the others are its multiples 2, 4, 8, 16, 30, 30, 30.
    std::chrono::milliseconds retry{1'000};
    unsigned retries = 8; ///< in a row without progress
    unsigned max_redirects = 10;
    std::string user_agent = "slipway";
    std::string ca_file; ///< PEM; the system's certificates when empty
    /// No request takes more bytes a second than this from the network; 0: no bound.
    std::uint64_t rate_bytes = 0;
};

struct Request {
    std::uint64_t id = 0;
    std::string url;               ///< as given, secrets included
    std::uint64_t limit_bytes = 0; ///< more is an error of Kind::Limit; 0: no limit
    bool no_cache = false;         ///< asks caches on the way to look again
    bool head_only = false;        ///< the head is all that is wanted: nothing is written
};

/// The server sends the body. Comes again when another attempt found another version before any
/// byte was written.
struct Head {
    int status = 0;                 ///< 200 or 203
    std::string url;                ///< effective, masked
    std::int64_t length_bytes = -1; ///< -1: unknown
    std::string etag;
    std::optional<std::int64_t> last_modified; ///< seconds since 1970
    std::string content_type;
    std::string content_encoding;
    /// The body ends where the connection does: a cut looks like the end.
    bool open_ended = false;
};
/// Something went wrong and is tried again.
struct Retry {
    unsigned attempt = 0; ///< from 1
    std::chrono::milliseconds delay{0};
    std::string reason;
    std::uint64_t done_bytes = 0;
};
/// The body is complete.
struct End {
    std::uint64_t size_bytes = 0;
};
/// The server's final answer has no body to take (404, 403, 204 …); nothing was written.
struct Status {
    int status = 0;
    std::string url;   ///< effective, masked
    std::string proxy; ///< masked; it may have answered in the server's place. Empty: none
};
/// What was written to the pipe cannot be continued: the server has another version now, or nothing
/// proves that it is the same one. Only a fresh start helps.
struct Changed {
    std::string reason;
};
/// It could not be fetched.
struct Failure {
    Kind kind = Kind::Network;
    std::string text;
};

using Answer = std::variant<Head, Retry, End, Status, Changed, Failure>;

std::string to_json(const Settings& settings);
std::string to_json(const Request& request);
std::string to_json(std::uint64_t id, const Answer& answer);
std::string cancel_json(std::uint64_t id);

/// @throws Error  Internal: not what the protocol says, with what was found (quoted)
Settings parse_settings(std::string_view json);

struct Cancel {
    std::uint64_t id = 0;
};
std::variant<Request, Cancel> parse_request(std::string_view json);

struct IdentifiedAnswer {
    std::uint64_t id = 0;
    Answer answer;
};
IdentifiedAnswer parse_answer(std::string_view json);

} // namespace slipway::fetch
