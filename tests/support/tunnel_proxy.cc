// One thread that accepts and pumps.

#include "tests/support/tunnel_proxy.hh"

#include <array>
#include <cstdlib>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "tests/support/loopback.hh"

namespace slipway::tests {
namespace {

// Moves what `from` has for `to`; false at its end.
bool pump(const Fd& from, const Fd& to) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::recv(from.get(), buffer.data(), buffer.size(), 0);
    return got > 0 &&
           ::send(to.get(), buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got;
}

std::string read_header(const Fd& client, const std::stop_token& stop) {
    std::string header;
    char byte = 0;
    while (!header.ends_with("\r\n\r\n") && wait_for(client.get(), POLLIN, stop) &&
           ::recv(client.get(), &byte, 1, 0) == 1) {
        header.push_back(byte);
    }
    return header;
}

} // namespace

TunnelProxy::TunnelProxy()
    : listener_(listen_on(0)), port_(port_of(listener_)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

TunnelProxy::~TunnelProxy() = default;

std::vector<std::string> TunnelProxy::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

void TunnelProxy::serve(const std::stop_token& stop) {
    try {
        for (;;) {
            wait_for(listener_.get(), POLLIN, stop);
            open_tunnel(Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), stop);
        }
    } catch (const Canceled&) {
        return;
    }
}

void TunnelProxy::open_tunnel(Fd client, const std::stop_token& stop) {
    const std::string header = read_header(client, stop);
    {
        const std::lock_guard lock(mutex_);
        requests_.push_back(header);
    }
    const std::string authority = header.substr(0, header.find(" HTTP/"));
    const int port = std::atoi(authority.substr(authority.rfind(':') + 1).c_str());
    const Fd server = connect_to(static_cast<std::uint16_t>(port));
    const std::string_view answer = "HTTP/1.1 200 Connected\r\nETag: \"of the proxy\"\r\n\r\n";
    if (!header.starts_with("CONNECT ") || !server ||
        ::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0) {
        return;
    }
    for (bool open = true; open;) {
        std::array<pollfd, 2> ends{{{client.get(), POLLIN, 0}, {server.get(), POLLIN, 0}}};
        poll_fds(ends, stop);
        open = (ends[0].revents == 0 || pump(client, server)) &&
               (ends[1].revents == 0 || pump(server, client));
    }
}

} // namespace slipway::tests
