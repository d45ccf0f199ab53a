// Datagrams between the programs of one job: one JSON object each, with descriptors beside it,
// over a SOCK_SEQPACKET pair (docs/protocol.md).

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.hh"
#include "base/fd.hh"

namespace slipway {

/// What may travel in one datagram. A longer one is cut by the kernel and refused here.
inline constexpr std::size_t kMaxMessageBytes = 128 * KiB;
inline constexpr std::size_t kMaxMessageFds = 32;

struct Message {
    std::string text;    ///< the JSON text; not parsed here
    std::vector<Fd> fds; ///< descriptors that came with it, close-on-exec
};

/// Both ends of a new SOCK_SEQPACKET pair, close-on-exec.
std::pair<Fd, Fd> make_message_pair();

/// Sends one datagram; descriptors in `fds` are borrowed. Waits while the peer's queue is full.
/// @throws Error  Internal: the peer is gone
void send_message(int socket, std::string_view text, const std::vector<int>& fds = {});

/// Waits for the next datagram; nothing when the peer has closed its end.
/// @throws Canceled when `stop` is requested; Error when `deadline` passes (Kind::Internal)
std::optional<Message>
receive_message(int socket, const std::stop_token& stop,
                std::optional<std::chrono::steady_clock::time_point> deadline = std::nullopt);

} // namespace slipway
