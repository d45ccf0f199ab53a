// What a supervisor and whoever is attached to its machine's console say to each other: datagrams
// over a SOCK_SEQPACKET socket, a letter and bytes.

#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <sys/ioctl.h>

#include "base/fd.hh"

namespace slipway::spawn {

enum class ConsoleWord : char {
    Past = 'p',  ///< what was said before, in order; without bytes: that was all
    Said = 's',  ///< what is said now
    Over = 'e',  ///< the machine has ended
    Typed = 't', ///< by who is attached
    Size = 'w',  ///< of his terminal: rows and columns, two numbers of 16 bits
};

inline constexpr std::size_t kMaxConsoleBytes = 4096; ///< in one datagram
inline constexpr const char* kConsoleSocket = "console.sock";

struct ConsoleMessage {
    ConsoleWord word = ConsoleWord::Said;
    std::string bytes;
};

/// The end of who is attached.
class ConsoleLink {
public:
    /// @param directory  of the machine in the registry
    /// @throws Error
    explicit ConsoleLink(const std::filesystem::path& directory);

    int fd() const noexcept { return socket_.get(); }
    /// Waits for the next; nothing when the other end is closed.
    /// @throws Error
    std::optional<ConsoleMessage> next();
    /// All that was said before. To be called first.
    std::string past();
    /// Waits while the machine takes no input.
    void type(std::string_view bytes);
    void resize(const winsize& size);

private:
    Fd socket_;
};

} // namespace slipway::spawn
