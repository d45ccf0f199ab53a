// What stat(2) knows of a disk.

#include "storage/usage.hh"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/fd.hh"

namespace slipway::storage {
namespace {

constexpr std::uint64_t kStatBlockBytes = 512;

std::optional<std::uint64_t> device_size(const Image& image) noexcept {
    const Fd fd(::open(image.path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    std::uint64_t size = 0;
    if (!fd || ::ioctl(fd.get(), BLKGETSIZE64, &size) < 0) {
        return std::nullopt;
    }
    return size;
}

} // namespace

Usage known_usage(const Image& image) noexcept {
    Usage usage;
    struct stat info {};
    if (image.type == ImageType::Raw && ::stat(image.path.c_str(), &info) == 0) {
        usage.total = usage.exclusive =
            static_cast<std::uint64_t>(info.st_blocks) * kStatBlockBytes;
        usage.limit = usage.exclusive_limit = static_cast<std::uint64_t>(info.st_size);
    } else if (image.type == ImageType::Block) {
        usage.total = usage.exclusive = usage.limit = usage.exclusive_limit = device_size(image);
    }
    return usage;
}

} // namespace slipway::storage
