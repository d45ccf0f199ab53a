// A stream of unpacked bytes becomes one disk: a sparse file of exactly the disk's size. What the
// bytes are is told by themselves and never by a name: qcow2, a tar around one disk, else raw.

#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "pull/budget.hh"
#include "pull/counters.hh"
#include "stream/source.hh"

namespace slipway::pull {

struct UnpackedDisk {
    std::string format{};         ///< "raw", "qcow2"; empty: copied without a look
    std::string member{};         ///< the file of a tar that wrapped it; empty: none
    std::uint64_t size_bytes = 0; ///< of the disk
    std::uint64_t data_bytes = 0; ///< of it that was written: what is no hole
};

/// What a disk is made of and in. Descriptors are borrowed.
struct DiskJob {
    int target = -1;  ///< opened O_RDWR: an empty file, which keeps holes, or one that held data
    int scratch = -1; ///< an empty file for what comes in an order that cannot be streamed; -1:
                      ///< such images are refused
    Budget budget{};
    std::stop_token stop{};
    /// Told the disk's size where a header states it, before anything is written.
    std::function<void(std::uint64_t size_bytes)> on_size{};
};

/// Writes the disk that `in` holds to the target, which has exactly its size afterwards. Nothing is
/// synced but started on its way.
/// @param packed_bytes  how much has been read from outside so far; for the ratio. Any thread.
/// @throws Error Corrupt, Unsupported (it is no disk: says what it is and what to do), Limit (with
///         the budget's name), NoSpace. What was written stays: the target is thrown away by its
///         owner.
UnpackedDisk unpack_disk(stream::Source& in, const DiskJob& job, Counters& counters,
                         const std::function<std::uint64_t()>& packed_bytes,
                         const std::function<void(std::string_view)>& warn);

/// Writes `in` to the target byte for byte, whatever it is.
/// @throws Error Limit: more than `limit_bytes` (0: none) come; NoSpace
UnpackedDisk copy_file(stream::Source& in, int target, std::uint64_t limit_bytes,
                       Counters& counters);

/// Reads `in` to its end and keeps nothing.
UnpackedDisk read_to_end(stream::Source& in, Counters& counters);

} // namespace slipway::pull
