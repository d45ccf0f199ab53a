// What the test server (http_server.hh) holds, and how it misbehaves: values, so that a test reads
// `server.on("/image", {cut_after(1000), answering(503)})`.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::tests {

using HttpHeader = std::pair<std::string, std::string>;

/// What lies under a path.
struct Resource {
    std::string content;
    std::string etag = "\"v1\"";       ///< with its quotes; empty: none is sent
    std::string last_modified = {};    ///< as in the header; empty: none is sent
    bool ranges = true;                ///< knows Range and If-Range
    std::vector<HttpHeader> headers{}; ///< sent with every answer
};

/// How one request is answered. A default object: as a good server would. Made by the functions
/// below and refined by its own: `answering(429).with_header("Retry-After", "1")`.
struct Behaviour {
    enum class Framing { Length, Chunked, UntilClose };

    std::optional<int> status;        ///< instead of 200; its body is a short text
    std::optional<Resource> resource; ///< instead of the one served under the path
    bool ignore_range = false;
    std::string content_range; ///< instead of the true one; makes the answer a 206
    std::optional<std::uint64_t> length;
    Framing framing = Framing::Length;
    std::string version = "HTTP/1.1";
    std::vector<HttpHeader> headers;
    std::vector<std::string> left_out; ///< names of headers that are not sent
    std::optional<std::string> raw;    ///< sent instead of everything
    bool endless = false;              ///< the body is repeated for ever, without a length

    std::optional<std::uint64_t> stop_in_header; ///< after so many bytes of the header
    std::optional<std::uint64_t> stop_in_body;   ///< after so many bytes of this answer's body
    enum class Stop { Close, Reset, Stall } stop = Stop::Close;
    std::uint64_t trickle_bytes = 0; ///< sent at a time, with `trickle_pause` before each
    std::chrono::milliseconds trickle_pause{0};
    bool trickle_header = false; ///< the header, too

    Behaviour with_header(std::string name, std::string value) &&;
    /// `count` headers more, each `size` bytes long.
    Behaviour with_headers(std::size_t count, std::size_t size) &&;
    Behaviour without_header(std::string name) &&;
    /// A Content-Length that is not true.
    Behaviour claiming_length(std::uint64_t bytes) &&;
    Behaviour chunked() &&;
    /// HTTP/1.0, no length: the body ends with the connection.
    Behaviour until_close() &&;
    Behaviour serving(Resource other) &&;
    Behaviour ignoring_range() &&;
    /// The connection ends in good order after so many bytes of the body.
    Behaviour cut_after(std::uint64_t bytes) &&;
    Behaviour stall_after(std::uint64_t bytes) &&;
};

Behaviour as_usual();
/// This status, with a short text as body.
Behaviour answering(int status);
/// `location` is sent as it is: absolute, relative, another scheme.
Behaviour redirecting_to(std::string location, int status = 302);
/// Ends the connection in good order after so many bytes of the body.
Behaviour cut_after(std::uint64_t bytes);
/// The same within the header; 0: accepts, reads the request and hangs up.
Behaviour cut_in_header(std::uint64_t bytes);
/// Ends it with a TCP reset.
Behaviour reset_after(std::uint64_t bytes);
/// Sends no more after so many bytes of the body, until HttpServer::release().
Behaviour stall_after(std::uint64_t bytes);
Behaviour stall_in_header(std::uint64_t bytes);
/// Another content under the same path.
Behaviour serving(Resource other);
/// 200 and everything, whatever range was asked for.
Behaviour ignoring_range();
/// 206 with this Content-Range, whatever is true.
Behaviour claiming_range(std::string content_range);
Behaviour claiming_length(std::uint64_t bytes);
Behaviour chunked();
Behaviour until_close();
Behaviour endless();
/// The body `bytes` at a time, `pause` before each.
Behaviour trickling(std::uint64_t bytes, std::chrono::milliseconds pause);
/// The header as well.
Behaviour trickling_header(std::uint64_t bytes, std::chrono::milliseconds pause);
/// Exactly these bytes, then the end of the connection.
Behaviour saying(std::string raw);

} // namespace slipway::tests
