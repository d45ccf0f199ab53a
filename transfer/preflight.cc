// A compressed stream says nothing of its size unpacked: its own length is the only lower bound
// that is known.

#include "transfer/preflight.hh"

#include <limits>

#include <unistd.h>

#include "base/error.hh"
#include "base/size.hh"

namespace slipway::transfer {
namespace {

constexpr const char* kAdvice = "nothing was stored. Free some space, or choose another pool with "
                                "--pool";

// Asking the file system is surer than a table of what each can do.
bool can_be_as_long(int file, std::uint64_t size_bytes) {
    const auto longest = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
    if (size_bytes > longest || ::ftruncate(file, static_cast<off_t>(size_bytes)) < 0) {
        return false;
    }
    if (::ftruncate(file, 0) < 0) {
        throw errno_error("cannot empty the staging");
    }
    return true;
}

} // namespace

void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes) {
    const volume::FileSystem& fs = volume.file_system;
    if (fs.free_inodes && *fs.free_inodes == 0) {
        throw Error(Kind::NoSpace, "the pool {}; {}", volume.space, kAdvice);
    }
    if (packed_bytes && *packed_bytes > fs.free_bytes) {
        throw Error(Kind::NoSpace,
                    "the pool {}, the image takes more than its packed size of {}; {}",
                    volume.space, format_size(*packed_bytes), kAdvice);
    }
}

void check_disk_size(const Volume& volume, std::uint64_t size_bytes, int file) {
    if (size_bytes > volume.file_system.free_bytes && !can_be_as_long(file, size_bytes)) {
        throw Error(Kind::NoSpace,
                    "the pool {}, and no file in it can have the {} of the image; nothing was "
                    "stored. Choose another pool with --pool",
                    volume.space, format_size(size_bytes));
    }
}

std::string doubt_of_disk(const Volume& volume, std::uint64_t size_bytes) {
    if (size_bytes <= volume.file_system.free_bytes) {
        return {};
    }
    return fmt::format("the pool {}, the image has {}: it fits only if enough of it is zero",
                       volume.space, format_size(size_bytes));
}

void check_tree_space(const Volume& volume, std::uint64_t size_bytes, std::uint64_t inodes) {
    const volume::FileSystem& fs = volume.file_system;
    if (size_bytes > fs.free_bytes || (fs.free_inodes && inodes > *fs.free_inodes)) {
        throw Error(Kind::NoSpace, "the pool {}, the tree takes {} and {} inodes; {}", volume.space,
                    format_size(size_bytes), inodes, kAdvice);
    }
}

std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes,
                     std::optional<std::uint64_t> entries) {
    const std::string in_entries = entries ? fmt::format(" in {} entries", *entries) : "";
    return fmt::format("; the pool {}, the image had taken {}{} and needs more; {}", volume.space,
                       format_size(unpacked_bytes), in_entries, kAdvice);
}

} // namespace slipway::transfer
