// A real HTTP server on loopback for tests: raw sockets, so that it can do anything wrong that a
// server can do wrong, on request and in a stated order.
//
//   HttpServer server;
//   server.serve("/image", content);
//   server.on("/image", {cut_after(1000), answering(503), ignoring_range()}); // then as usual
//   … fetch server.url("/image") …
//   CHECK(server.requests("/image").at(1).header("Range") == "bytes=1000-");

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hh"
#include "tests/support/http_behaviour.hh"

namespace slipway::tests {

/// A request as it came in.
struct SeenRequest {
    std::string method;
    std::string target; ///< as sent: "/image?x=1"; to a proxy "http://host/image"; "host:443"
    std::string path;   ///< of the target, without host and query
    std::vector<HttpHeader> headers;
    unsigned connection = 0; ///< from 1: requests on one connection have the same number

    /// The value of the first header of this name, whatever its case; empty when there is none.
    std::string header(std::string_view name) const;
};

/// How bytes travel on an accepted connection; TLS is another one (tls_server.hh).
class Transport {
public:
    virtual ~Transport() = default;
    /// 0 at the end or after an error.
    virtual std::size_t read(std::span<char> into) = 0;
    /// False when the peer is gone.
    virtual bool write(std::string_view bytes) = 0;
};

/// Makes the transport of an accepted connection; nothing when the handshake fails. The
/// descriptor is borrowed.
using MakeTransport = std::function<std::unique_ptr<Transport>(int fd)>;

enum class Hosts { One, All };

class HttpServer {
public:
    /// Listens on a free port of 127.0.0.1, in threads of its own.
    HttpServer();
    /// The same with another transport.
    HttpServer(std::string scheme, MakeTransport transport);
    /// Hosts::All: stands in for every host whose name leads to 127.0.0.1, on port 80, which is
    /// free where the network is private (private_network.hh). All paths are then "//HOST/PATH",
    /// percent-decoded.
    explicit HttpServer(Hosts hosts);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// "http://127.0.0.1:PORT" + path.
    std::string url(std::string_view path, std::string_view host = "127.0.0.1") const;
    std::uint16_t port() const noexcept;

    /// Puts `resource` under `path`; what has no resource is answered with 404.
    void serve(const std::string& path, Resource resource);
    void serve(const std::string& path, std::string content);
    void remove(const std::string& path);
    /// What has no resource, beneath this prefix, is answered with another status than 404.
    void answer_missing(const std::string& prefix, int status);

    /// The next requests for `path` are answered so, in this order; after that as usual.
    void on(const std::string& path, std::vector<Behaviour> next);
    /// Every request for `path` that on() says nothing about is answered so.
    void always(const std::string& path, Behaviour behaviour);

    /// Lets every stalled answer go on, now and in the future.
    void release();
    /// Closes every connection and listens no more: connections are refused.
    void go_down();
    /// Listens again, on the same port.
    void come_up();

    /// What was asked for so far, in the order of arrival; of one path or of all.
    std::vector<SeenRequest> requests(std::string_view path = {}) const;
    /// Waits until `path` was asked for `count` times. @throws when that takes 20 s
    void wait_for_requests(std::string_view path, std::size_t count) const;
    /// How many bytes of bodies were handed to the kernel so far.
    std::uint64_t sent_bytes() const noexcept;
    unsigned connections() const noexcept;

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace slipway::tests
