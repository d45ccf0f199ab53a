// A proxy that does what it should: CONNECT opens a tunnel (RFC 9110 §9.3.6). For tests of TLS
// through proxies; one that misbehaves is an HttpServer.

#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/fd.hh"

namespace slipway::tests {

class TunnelProxy {
public:
    /// Listens on a free port of 127.0.0.1. Whatever host is asked for, the tunnel leads to the
    /// port of that number on 127.0.0.1. One tunnel at a time.
    TunnelProxy();
    ~TunnelProxy();
    TunnelProxy(const TunnelProxy&) = delete;
    TunnelProxy& operator=(const TunnelProxy&) = delete;

    std::uint16_t port() const noexcept { return port_; }
    /// The headers that came, as text.
    std::vector<std::string> requests() const;

private:
    void serve(const std::stop_token& stop);
    void open_tunnel(Fd client, const std::stop_token& stop);

    Fd listener_;
    std::uint16_t port_;
    mutable std::mutex mutex_; // guards requests_
    std::vector<std::string> requests_;
    std::jthread thread_;
};

} // namespace slipway::tests
