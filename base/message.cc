// SOCK_SEQPACKET with SCM_RIGHTS (unix(7)): message borders are kept, and the end of the peer is
// seen as an empty read.

#include "base/message.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include "base/error.hh"
#include "base/wait.hh"

namespace slipway {
namespace {

constexpr std::size_t kControlBytes = CMSG_SPACE(sizeof(int) * kMaxMessageFds);

std::vector<Fd> take_fds(msghdr& header) {
    std::vector<Fd> fds;
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int number = -1;
            std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
            fds.emplace_back(number);
        }
    }
    return fds;
}

} // namespace

std::pair<Fd, Fd> make_message_pair() {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) < 0) {
        throw errno_error("cannot make a socket pair");
    }
    return {Fd(pair[0]), Fd(pair[1])};
}

void send_message(int socket, std::string_view text, const std::vector<int>& fds) {
    if (text.size() > kMaxMessageBytes || fds.size() > kMaxMessageFds) {
        throw Error(Kind::Internal, "a message of {} bytes and {} descriptors is too large",
                    text.size(), fds.size());
    }
    iovec part{const_cast<char*>(text.data()), text.size()};
    alignas(cmsghdr) std::array<char, kControlBytes> control{};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    if (!fds.empty()) {
        header.msg_control = control.data();
        header.msg_controllen = CMSG_SPACE(sizeof(int) * fds.size());
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
        std::memcpy(CMSG_DATA(rights), fds.data(), sizeof(int) * fds.size());
    }
    while (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR) {
            throw Error(Kind::Internal, "cannot send to the other program: {}", errno_text(errno));
        }
    }
}

std::optional<Message> receive_message(int socket, const std::stop_token& stop, Deadline deadline) {
    if (!wait_for(socket, POLLIN, stop, deadline)) {
        throw Error(Kind::Internal, "the other program did not answer in time");
    }
    std::string text(kMaxMessageBytes, '\0');
    alignas(cmsghdr) std::array<char, kControlBytes> control{};
    iovec part{text.data(), text.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    ssize_t got = 0;
    do {
        got = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0 && errno != ECONNRESET) {
        throw errno_error("cannot receive from the other program");
    }
    if (got <= 0) {
        return std::nullopt;
    }
    Message message{{}, take_fds(header)};
    if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
        throw Error(Kind::Internal, "the other program sent a message over {} bytes",
                    kMaxMessageBytes);
    }
    text.resize(static_cast<std::size_t>(got));
    message.text = std::move(text);
    return message;
}

} // namespace slipway
