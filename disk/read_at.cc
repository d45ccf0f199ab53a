// pread(2) takes an offset of any height; behind the end there is nothing.

#include "disk/read_at.hh"

#include <cerrno>
#include <limits>

#include <sys/types.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::disk {

std::uint64_t size_of_disk(int disk) {
    const off_t end = ::lseek(disk, 0, SEEK_END);
    if (end < 0) {
        throw errno_error("cannot tell the size of the disk");
    }
    return static_cast<std::uint64_t>(end);
}

std::vector<std::byte> read_at(int disk, std::uint64_t offset, std::size_t length) {
    std::vector<std::byte> bytes;
    if (offset > std::uint64_t{std::numeric_limits<off_t>::max()} - length) {
        return bytes;
    }
    bytes.resize(length);
    std::size_t have = 0;
    while (have < length) {
        const ssize_t got =
            ::pread(disk, bytes.data() + have, length - have, static_cast<off_t>(offset + have));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw errno_error("cannot read the disk at byte {}", offset + have);
        }
        if (got == 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    bytes.resize(have);
    return bytes;
}

} // namespace slipway::disk
