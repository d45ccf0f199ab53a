// What the keeper and slipway-check say to each other (docs/protocol.md §4), beside the report
// (verify/signature.hh) and the list of keys (verify/key_list.hh).

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::verify {

/// Key rings in one datagram: their descriptors travel with it, after at most two others.
inline constexpr std::size_t kRingsInOneMessage = 24;

/// What is asked of slipway-check.
enum class CheckForm {
    Detached,    ///< a statement and its signature
    Clearsigned, ///< a document that holds both
    Streamed,    ///< as Detached, of a statement that comes through a pipe
    Foresee,     ///< a signature without its statement
    ListKeys,
};

/// A request comes in one datagram, or, with many key rings, in several.
struct CheckMessage {
    CheckForm form = CheckForm::Detached;         ///< of the first datagram
    std::chrono::milliseconds engine_patience{0}; ///< of the first: see check/engine_watch.hh
    std::vector<std::string> rings;               ///< names, in the order of the descriptors
    bool more = false;                            ///< another datagram with rings follows
};

/// @param first  the first datagram: it says what to do
std::string to_json(const CheckMessage& message, bool first);
/// @throws Error Internal: not what the protocol says
CheckMessage check_message_from_json(std::string_view json, bool first);

} // namespace slipway::verify
