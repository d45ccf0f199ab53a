// What the keeper and `slipway-unpack tree` say to each other (docs/protocol.md §3).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/outcome.hh"
#include "pull/unpack_tar.hh"
#include "stream/algorithm.hh"

namespace slipway::pull {

struct UnpackRequest {
    std::vector<stream::Algorithm> algorithms{};
    std::uint64_t memory_bytes = 0;    ///< 0: the default of stream::DecodeLimits
    std::uint64_t threading_bytes = 0; ///< 0: the default
    unsigned threads = 0;              ///< 0: min(cores, 8)
    std::string name{};                ///< of the input, for messages
    TarOptions tar{};
};

struct UnpackProgress {
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::uint64_t entries = 0;
};
struct UnpackWarning {
    std::string text;
};
struct UnpackDone {
    stream::Digests digests;
    std::string codec; ///< "gzip"
    std::uint64_t packed_bytes = 0;
    Unpacked tree;
};
struct UnpackFailure {
    Kind kind = Kind::Corrupt;
    std::string text;
};
using UnpackAnswer = std::variant<UnpackProgress, UnpackWarning, UnpackDone, UnpackFailure>;

std::string to_json(const UnpackRequest& request);
std::string to_json(const UnpackAnswer& answer);
/// @throws Error Internal: not what the protocol says
UnpackRequest parse_unpack_request(std::string_view json);
UnpackAnswer parse_unpack_answer(std::string_view json);

} // namespace slipway::pull
