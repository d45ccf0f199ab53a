// A compressed stream says nothing of its size unpacked: its own length is the only lower bound
// that is known.

#include "transfer/preflight.hh"

#include "base/error.hh"
#include "base/size.hh"

namespace slipway::transfer {
namespace {

constexpr const char* kAdvice = "nothing was stored. Free some space, or choose another pool with "
                                "--pool";

} // namespace

void check_space(const Volume& volume, std::optional<std::uint64_t> packed_bytes) {
    const storage::FileSystem& fs = volume.file_system;
    if (fs.free_inodes && *fs.free_inodes == 0) {
        throw Error(Kind::NoSpace, "the pool {}; {}", volume.space, kAdvice);
    }
    if (packed_bytes && *packed_bytes > fs.free_bytes) {
        throw Error(Kind::NoSpace,
                    "the pool {}, the image takes more than its packed size of {}; {}",
                    volume.space, format_size(*packed_bytes), kAdvice);
    }
}

std::string fullness(const Volume& volume, std::uint64_t unpacked_bytes, std::uint64_t entries) {
    return fmt::format("; the pool {}, the image had taken {} in {} entries and needs more; {}",
                       volume.space, format_size(unpacked_bytes), entries, kAdvice);
}

} // namespace slipway::transfer
