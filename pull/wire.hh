// What the keeper and `slipway-unpack tree` or `disk` say to each other (docs/protocol.md §3).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/outcome.hh"
#include "pull/budget.hh"
#include "pull/unpack_disk.hh"
#include "pull/unpack_tar.hh"
#include "stream/algorithm.hh"

namespace slipway::pull {

enum class Work {
    Tree,   ///< a tar becomes a tree: `slipway-unpack tree`, the target is the staging's directory
    Disk,   ///< a disk image becomes a sparse file: `slipway-unpack disk`, the target is that file
    Copy,   ///< a file, byte for byte and not decoded: `slipway-unpack disk`, the target is a file
    Digest, ///< read to its end and digested, nothing is written: `slipway-unpack disk`, no target
};

struct UnpackRequest {
    Work work = Work::Tree;
    std::vector<stream::Algorithm> algorithms{};
    std::uint64_t memory_bytes = 0;    ///< 0: the default of stream::DecodeLimits
    std::uint64_t threading_bytes = 0; ///< 0: the default
    unsigned threads = 0;              ///< 0: min(cores, 8)
    std::string name{};                ///< of the input, for messages
    Budget budget{};                   ///< of Copy only the size counts; 0: none
    TarOptions tar{};                  ///< of Tree
    bool copy = false;                 ///< a descriptor more came: the packed bytes go there, too
    bool keep = false;                 ///< and one more, the last: a file that keeps them
    bool to_the_end = false;           ///< content that is damaged, too, for its digests
};

struct UnpackProgress {
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::uint64_t entries = 0;
};
struct UnpackWarning {
    std::string text;
};
/// How large the disk is going to be: told as soon as its header says so, before its first byte.
struct DiskAnnounced {
    std::uint64_t size_bytes = 0;
};
struct UnpackDone {
    stream::Digests digests;
    std::string codec; ///< "gzip"
    std::uint64_t packed_bytes = 0;
    std::variant<Unpacked, UnpackedDisk> what;
    std::string not_kept{}; ///< why the file that was to keep them does not hold them; else empty
};
struct UnpackFailure {
    Kind kind = Kind::Corrupt;
    std::string text;
    /// Of damaged content: the digests of all of it, so that it can be told from what the publisher
    /// has made. Else empty.
    stream::Digests digests{};
};
using UnpackAnswer =
    std::variant<UnpackProgress, UnpackWarning, DiskAnnounced, UnpackDone, UnpackFailure>;

std::string to_json(const UnpackRequest& request);
std::string to_json(const UnpackAnswer& answer);
/// @throws Error Internal: not what the protocol says
UnpackRequest parse_unpack_request(std::string_view json);
UnpackAnswer parse_unpack_answer(std::string_view json);

} // namespace slipway::pull
