// A compressed stream says nothing of its size unpacked, so its own length is the only lower bound
// that is certain.

#include "transfer/preflight.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::transfer {
namespace {

std::string place(const Volume& volume) {
    return fmt::format("the volume of {} ({})", quoted(volume.pool.string()),
                       volume.file_system.type);
}

} // namespace

void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes) {
    const storage::FileSystem& fs = volume.file_system;
    if (fs.read_only) {
        throw Error(Kind::Denied, "{} is mounted read-only; nothing was fetched", place(volume));
    }
    if (fs.free_inodes && *fs.free_inodes == 0) {
        throw Error(Kind::NoSpace,
                    "{} has no free inodes; nothing was fetched. Remove files there, or choose "
                    "another pool with --pool",
                    place(volume));
    }
    if (packed_bytes && *packed_bytes > fs.free_bytes) {
        throw Error(Kind::NoSpace,
                    "{} has {} free, the image takes more than its packed size of {}; nothing was "
                    "stored. Free some space, or choose another pool with --pool",
                    place(volume), format_size(fs.free_bytes), format_size(*packed_bytes));
    }
}

std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes, std::uint64_t entries) {
    const storage::FileSystem& fs = volume.file_system;
    const std::string inodes =
        fs.free_inodes ? fmt::format(" and {} inodes", *fs.free_inodes) : std::string();
    return fmt::format("; {} had {}{} free when the image had taken {} in {} entries and needed "
                       "more; nothing was stored. Free some space, or choose another pool with "
                       "--pool",
                       place(volume), format_size(fs.free_bytes), inodes,
                       format_size(unpacked_bytes), entries);
}

} // namespace slipway::transfer
