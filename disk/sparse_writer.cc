// The file's length runs ahead of the data: xfs keeps what it reserved behind an end that moves
// with each write (measured: 23 to 100 % more blocks than the data has).

#include "disk/sparse_writer.hh"

#include <algorithm>
#include <array>
#include <limits>

#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/size.hh"
#include "disk/zero_scan.hh"

namespace slipway::disk {
namespace {

constexpr std::uint64_t kGrowBytes = 1 * GiB;
constexpr std::uint64_t kWritebackBytes = 16 * MiB;
constexpr std::uint64_t kMaxOffset = std::numeric_limits<off_t>::max();
// Shorter zeros are written: a punched hole of a few blocks costs more than they do.
constexpr std::uint64_t kPunchBytes = 64 * KiB;

// How many bytes from the start of `data`, block by block, are all zero or all data.
std::size_t run_length(std::uint64_t offset, Bytes data, bool zero) {
    std::size_t length = 0;
    while (length < data.size()) {
        const std::size_t to_border = kBlockBytes - (offset + length) % kBlockBytes;
        const std::size_t block = std::min(to_border, data.size() - length);
        if (all_zero(data.subspan(length, block)) != zero) {
            break;
        }
        length += block;
    }
    return length;
}

} // namespace

SparseWriter::SparseWriter(int target) : target_(target) {
    struct stat status {};
    if (::fstat(target, &status) < 0) {
        throw errno_error("cannot look at the file for the disk");
    }
    device_ = S_ISBLK(status.st_mode);
    if (device_) {
        const off_t end = ::lseek(target, 0, SEEK_END);
        if (end < 0) {
            throw errno_error("cannot tell the size of the device for the disk");
        }
        length_ = static_cast<std::uint64_t>(end);
    } else {
        length_ = static_cast<std::uint64_t>(status.st_size);
    }
    held_bytes_ = length_;
}

void SparseWriter::announce(std::uint64_t size_bytes) {
    if (device_) {
        if (size_bytes > length_) {
            throw Error(Kind::NoSpace, "the disk is {} large, and the device has {}",
                        format_size(size_bytes), format_size(length_));
        }
        return;
    }
    if (size_bytes > kMaxOffset || ::ftruncate(target_, static_cast<off_t>(size_bytes)) < 0) {
        if (size_bytes > kMaxOffset || errno == EFBIG || errno == EINVAL) {
            throw Error(Kind::Unsupported,
                        "the disk is {} large, more than the pool's file system can hold in one "
                        "file",
                        format_size(size_bytes));
        }
        throw errno_error("cannot make the disk {} large", format_size(size_bytes));
    }
    length_ = size_bytes;
    held_bytes_ = std::min(held_bytes_, length_);
}

void SparseWriter::clear(std::uint64_t size_bytes) {
    if (const std::uint64_t held = std::min(size_bytes, held_bytes_); held != 0) {
        make_zeros(0, held);
    }
    held_bytes_ = 0;
}

void SparseWriter::write(std::uint64_t offset, Bytes data) {
    while (!data.empty()) {
        if (const std::size_t zeros = run_length(offset, data, true); zeros != 0) {
            if (offset < held_bytes_) {
                make_zeros(offset, std::min<std::uint64_t>(zeros, held_bytes_ - offset));
            }
            offset += zeros;
            data = data.subspan(zeros);
        }
        if (const std::size_t length = run_length(offset, data, false); length != 0) {
            grow(offset + length);
            put(offset, data.first(length));
            data_bytes_ += length;
            offset += length;
            data = data.subspan(length);
        }
    }
}

void SparseWriter::put(std::uint64_t offset, Bytes data) {
    const std::uint64_t start = offset;
    const std::uint64_t length = data.size();
    while (!data.empty()) {
        const ssize_t wrote =
            ::pwrite(target_, data.data(), data.size(), static_cast<off_t>(offset));
        if (wrote < 0) {
            if (errno == EINTR) {
                continue;
            }
            throw errno_error("cannot write the disk at byte {}", offset);
        }
        offset += static_cast<std::uint64_t>(wrote);
        data = data.subspan(static_cast<std::size_t>(wrote));
    }
    start_writeback(start, length);
}

void SparseWriter::make_zeros(std::uint64_t offset, std::uint64_t length) {
    static constexpr std::array<std::byte, kPunchBytes> kZeros{};
    if (length >= kPunchBytes &&
        ::fallocate(target_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                    static_cast<off_t>(length)) == 0) {
        return;
    }
    while (length != 0) {
        const std::size_t part = std::min<std::uint64_t>(length, kZeros.size());
        put(offset, Bytes(kZeros).first(part));
        offset += part;
        length -= part;
    }
}

void SparseWriter::grow(std::uint64_t end) {
    if (device_ || end <= length_) {
        return;
    }
    const std::uint64_t ahead = (end / kGrowBytes + 1) * kGrowBytes;
    if (::ftruncate(target_, static_cast<off_t>(ahead)) == 0) {
        length_ = ahead;
    } else {
        announce(end); // near the largest file that the file system can hold
    }
}

void SparseWriter::start_writeback(std::uint64_t offset, std::uint64_t length) {
    waiting_bytes_ += length;
    waiting_start_ = std::min(waiting_start_, offset);
    waiting_end_ = std::max(waiting_end_, offset + length);
    if (waiting_bytes_ < kWritebackBytes) {
        return;
    }
    // A hint: what fails on the way to the medium is reported by the sync at the end.
    static_cast<void>(::sync_file_range(target_, static_cast<off_t>(waiting_start_),
                                        static_cast<off_t>(waiting_end_ - waiting_start_),
                                        SYNC_FILE_RANGE_WRITE));
    waiting_bytes_ = 0;
    waiting_start_ = ~std::uint64_t{0};
    waiting_end_ = 0;
}

void SparseWriter::finish(std::uint64_t size_bytes) {
    if (device_ || size_bytes != length_) {
        announce(size_bytes);
    }
}

} // namespace slipway::disk
