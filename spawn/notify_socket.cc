// The kernel says who has sent a datagram. What the machine itself says goes to systemd-nspawn,
// which passes on the little that it lets through.

#include "spawn/notify_socket.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "spawn/socket_address.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kMaxMessageBytes = 4096;

pid_t sender_of(msghdr& message) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_CREDENTIALS) {
            ucred sender{};
            std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
            return sender.pid;
        }
    }
    return 0;
}

} // namespace

NotifySocket::NotifySocket(const std::filesystem::path& path)
    : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const sockaddr_un address = socket_address(path);
    const int yes = 1;
    if (!fd_ || ::setsockopt(fd_.get(), SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) < 0 ||
        ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        ::chmod(path.c_str(), 0600) < 0) {
        throw errno_error("cannot listen at {}", quoted(path.string()));
    }
}

std::optional<Notification> NotifySocket::next(pid_t sender) {
    for (;;) {
        std::array<char, kMaxMessageBytes> text{};
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control{};
        iovec part{text.data(), text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        const ssize_t size = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
        if (size < 0) {
            if (errno == EAGAIN || errno == EINTR) {
                return std::nullopt;
            }
            throw errno_error("cannot hear the engine");
        }
        if (sender_of(message) == sender) {
            return parse_notification({text.data(), static_cast<std::size_t>(size)});
        }
    }
}

Notification parse_notification(std::string_view message) {
    constexpr std::string_view kLeader = "X_NSPAWN_LEADER_PID=";
    Notification told;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size());
        std::string_view line = message.substr(0, end);
        message.remove_prefix(std::min(end + 1, message.size()));
        if (line == "READY=1") {
            told.is_ready = true;
        } else if (line.starts_with(kLeader)) {
            line.remove_prefix(kLeader.size());
            pid_t pid = 0;
            const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), pid);
            if (error == std::errc() && rest == line.data() + line.size() && pid > 0) {
                told.leader = pid;
            }
        }
    }
    return told;
}

} // namespace slipway::spawn
