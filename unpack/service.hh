// One request from the control socket to its last answer: what unpacking a tree and a disk have in
// common (docs/protocol.md §3).

#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string_view>
#include <variant>

#include "base/confine.hh"
#include "pull/counters.hh"
#include "pull/wire.hh"
#include "stream/source.hh"

namespace slipway::unpack {

/// What the last stage of the line works with.
struct LastStage {
    const pull::UnpackRequest& request;
    const Confined& confined;
    stream::Source& in; ///< unpacked; of Work::Copy and Work::Digest as it came
    pull::Counters& counters;
    std::function<std::uint64_t()> packed_bytes; ///< read from outside so far. Any thread
    std::function<void(std::string_view)> warn;
    std::function<void(std::uint64_t size_bytes)> announce; ///< a disk's size
    std::stop_token stop;
};

struct Service {
    /// Raises the fences, before the first thread and the first byte.
    std::function<Confined()> confine;
    /// Whether a request may be for this work.
    std::function<bool(pull::Work)> serves;
    /// What the keeper is told before anything else; empty: nothing.
    std::string_view notice;
    std::function<std::variant<pull::Unpacked, pull::UnpackedDisk>(const LastStage&)> unpack;
};

/// Confines itself, reads the request from the control socket, unpacks, and gives exactly one final
/// answer. The end of the socket ends it without one. Returns the exit status.
int serve(const Service& service);

} // namespace slipway::unpack
