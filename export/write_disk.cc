// Holes are found by the file system, never by reading: what is allocated stays allocated.

#include "export/write_disk.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "export/sparse_map.hh"

namespace slipway::exports {
namespace {

constexpr std::size_t kBufferBytes = 256 * KiB;

struct Disk {
    std::uint64_t size_bytes = 0;
    std::vector<Stretch> data;
};

Disk look_at(int fd) {
    struct stat info {};
    const off_t end = ::lseek(fd, 0, SEEK_END); // of a device fstat(2) does not tell
    if (::fstat(fd, &info) < 0 || end < 0) {
        throw errno_error("cannot look at the disk");
    }
    Disk disk{static_cast<std::uint64_t>(end), {}};
    if (!S_ISREG(info.st_mode)) {
        disk.data = {{0, disk.size_bytes}};
        return disk;
    }
    info.st_size = end;
    disk.data = data_stretches(fd, info);
    return disk;
}

std::size_t read_some(int disk, std::span<std::byte> into, std::uint64_t at) {
    for (;;) {
        const ssize_t got = ::pread(disk, into.data(), into.size(), static_cast<off_t>(at));
        if (got > 0) {
            return static_cast<std::size_t>(got);
        }
        if (got == 0) {
            throw Error(Kind::Busy, "the disk became shorter while it was read, at byte {}", at);
        }
        if (errno != EINTR) {
            throw errno_error("cannot read the disk at byte {}", at);
        }
    }
}

void write_all_at(int output, Bytes data, std::uint64_t at) {
    while (!data.empty()) {
        const ssize_t put = ::pwrite(output, data.data(), data.size(), static_cast<off_t>(at));
        if (put < 0 && errno != EINTR) {
            throw errno_error("cannot write to the output");
        }
        const auto size = static_cast<std::size_t>(std::max<ssize_t>(put, 0));
        data = data.subspan(size);
        at += size;
    }
}

// Calls `data` and `hole` for the disk's pieces in order.
template <typename Data, typename Hole>
void each_piece(const Disk& disk, const Data& data, const Hole& hole) {
    std::uint64_t at = 0;
    for (const Stretch& stretch : disk.data) {
        hole(at, stretch.offset - at);
        data(stretch.offset, stretch.length);
        at = stretch.offset + stretch.length;
    }
    hole(at, disk.size_bytes - at);
}

void digest_zeros(stream::Digest& digest, std::uint64_t size, const std::stop_token& stop) {
    static constexpr std::array<std::byte, 64 * KiB> kZeros{};
    while (size > 0) {
        if (stop.stop_requested()) {
            throw Canceled();
        }
        const std::size_t some = std::min<std::uint64_t>(size, kZeros.size());
        digest.update(Bytes(kZeros).first(some));
        size -= some;
    }
}

} // namespace

std::uint64_t write_disk(int disk, stream::Sink& out, Counters& counters) {
    const Disk source = look_at(disk);
    // `fill` puts something into a room that begins at a byte of the disk.
    const auto write = [&](std::uint64_t at, std::uint64_t size, const auto& fill) {
        for (const std::uint64_t end = at + size; at < end;) {
            std::span<std::byte> room = out.room();
            room = room.first(std::min<std::uint64_t>(room.size(), end - at));
            const std::size_t filled = fill(room, at);
            out.advance(filled);
            at += filled;
            counters.read_bytes.store(at, std::memory_order_relaxed);
        }
    };
    each_piece(
        source,
        [&](std::uint64_t at, std::uint64_t size) {
            write(at, size, [disk](std::span<std::byte> room, std::uint64_t from) {
                return read_some(disk, room, from);
            });
        },
        [&](std::uint64_t at, std::uint64_t size) {
            write(at, size, [](std::span<std::byte> room, std::uint64_t) {
                std::memset(room.data(), 0, room.size());
                return room.size();
            });
        });
    return source.size_bytes;
}

std::uint64_t copy_disk(int disk, int output, stream::Digest* digest, Counters& counters,
                        const std::stop_token& stop) {
    const Disk source = look_at(disk);
    // Ahead of what is written: xfs would otherwise keep room for an end that moves.
    if (::ftruncate(output, static_cast<off_t>(source.size_bytes)) < 0) {
        throw errno_error("cannot give the output its size");
    }
    std::vector<std::byte> buffer(kBufferBytes);
    const auto copy = [&](std::uint64_t at, std::uint64_t size) {
        for (const std::uint64_t end = at + size; at < end;) {
            if (stop.stop_requested()) {
                throw Canceled();
            }
            const std::size_t got = read_some(
                disk, std::span(buffer).first(std::min<std::uint64_t>(buffer.size(), end - at)),
                at);
            const Bytes data = Bytes(buffer).first(got);
            if (digest != nullptr) {
                digest->update(data);
            }
            write_all_at(output, data, at);
            at += got;
            counters.read_bytes.store(at, std::memory_order_relaxed);
        }
    };
    each_piece(source, copy, [&](std::uint64_t, std::uint64_t size) {
        if (digest != nullptr) {
            digest_zeros(*digest, size, stop);
        }
    });
    counters.read_bytes.store(source.size_bytes, std::memory_order_relaxed);
    return source.size_bytes;
}

} // namespace slipway::exports
