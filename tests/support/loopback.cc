// Loopback sockets.

#include "tests/support/loopback.hh"

#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&storage); }
};

Address loopback(std::uint16_t port, bool ipv6) {
    Address address;
    if (ipv6) {
        sockaddr_in6 six{};
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(port);
        six.sin6_addr = in6addr_loopback;
        address.size = sizeof six;
        std::memcpy(&address.storage, &six, sizeof six);
    } else {
        sockaddr_in four{};
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.size = sizeof four;
        std::memcpy(&address.storage, &four, sizeof four);
    }
    return address;
}

Fd listen_at(const Address& address, int backlog) {
    Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int yes = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (::bind(fd.get(), address.get(), address.size) < 0 || ::listen(fd.get(), backlog) < 0) {
        throw errno_error("cannot listen on loopback");
    }
    return fd;
}

} // namespace

Fd listen_on(std::uint16_t port) {
    return listen_at(loopback(port, false), 64);
}

std::uint16_t port_of(const Fd& socket) {
    sockaddr_storage found{};
    socklen_t size = sizeof found;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&found), &size);
    // The port lies at the same place for both families.
    return ntohs(reinterpret_cast<const sockaddr_in&>(found).sin_port);
}

Fd connect_to(std::uint16_t port) {
    const Address address = loopback(port, false);
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(fd.get(), address.get(), address.size) < 0) {
        fd.reset();
    }
    return fd;
}

void reset_on_close(int socket) {
    const linger now{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

BlackHole::BlackHole(std::uint16_t port, bool ipv6)
    : listener_(listen_at(loopback(port, ipv6), 0)), port_(port_of(listener_)) {
    const Address address = loopback(port_, ipv6);
    for (Fd& filler : fillers_) {
        filler.reset(
            ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        static_cast<void>(::connect(filler.get(), address.get(), address.size));
    }
}

} // namespace slipway::tests
