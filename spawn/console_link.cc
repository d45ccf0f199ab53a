// unix(7): the borders of datagrams are kept.

#include "spawn/console_link.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/socket.h>

#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "spawn/socket_address.hh"

namespace slipway::spawn {

ConsoleLink::ConsoleLink(const std::filesystem::path& directory)
    : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = socket_address(directory / kConsoleSocket);
    if (!socket_ ||
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
        throw errno_error("cannot attach to the console of machine {}",
                          quoted(directory.filename().string()));
    }
}

std::optional<ConsoleMessage> ConsoleLink::next() {
    std::array<char, kMaxConsoleBytes + 1> bytes{};
    ssize_t got = 0;
    do {
        got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got <= 0) {
        return std::nullopt; // an error is the end, too: ECONNRESET
    }
    return ConsoleMessage{static_cast<ConsoleWord>(bytes.front()),
                          std::string(bytes.data() + 1, static_cast<std::size_t>(got) - 1)};
}

std::string ConsoleLink::past() {
    std::string text;
    for (std::optional<ConsoleMessage> message = next(); message && !message->bytes.empty();
         message = next()) {
        text += message->bytes;
    }
    return text;
}

void ConsoleLink::type(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, kMaxConsoleBytes);
        send_message(socket_.get(), static_cast<char>(ConsoleWord::Typed) + std::string(part));
        bytes.remove_prefix(part.size());
    }
}

void ConsoleLink::resize(const winsize& size) {
    const std::array<unsigned short, 2> numbers{size.ws_row, size.ws_col};
    std::string message(1 + sizeof numbers, static_cast<char>(ConsoleWord::Size));
    std::memcpy(message.data() + 1, numbers.data(), sizeof numbers);
    send_message(socket_.get(), message);
}

} // namespace slipway::spawn
