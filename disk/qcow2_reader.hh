// A qcow2 image, read once from front to back, becomes the disk that it describes.

#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "disk/sparse_writer.hh"
#include "stream/source.hh"

namespace slipway::disk {

/// What the reader tells while it works. Any of them may throw, which ends it.
struct Qcow2Hooks {
    std::function<void(std::uint64_t size_bytes)> on_size; ///< of the disk, before anything is made
    std::function<void()> on_data;                         ///< some more of the disk was written
    std::function<void(std::string_view)> warn;
    std::size_t claims = 1'000'000; ///< that are awaited at once; less is for tests
};

/// Reads `in`, which starts with the header, to its end and writes the disk: its active state, not
/// its snapshots. In the order in which QEMU writes images, tables before what they lead to, data
/// goes straight to its place; what comes earlier than its table waits in `scratch`. Memory is
/// bounded whatever the tables claim: 1 MiB or eight clusters of the image, 64 MiB for what is
/// awaited, 64 MiB for which clusters were used.
/// @param out      empty, or it held something else: gaps become zeros
/// @param scratch  an empty file opened O_RDWR; -1: images that need it are refused. Borrowed
/// @return the disk's size
/// @throws Error   as parse_qcow2_header(); Corrupt: tables that lead outside the file, overlap or
///                 repeat, damaged clusters, a file that is cut off. NoSpace
std::uint64_t read_qcow2(stream::Source& in, SparseWriter& out, int scratch,
                         const Qcow2Hooks& hooks);

} // namespace slipway::disk
