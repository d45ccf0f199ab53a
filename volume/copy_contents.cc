// ioctl_ficlonerange(2), copy_file_range(2), lseek(2).

#include "volume/copy_contents.hh"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway::volume {
namespace {

constexpr std::size_t kBufferBytes = 256 * KiB;
// Between two looks at the stop token: a slow disk writes that in less than a second.
constexpr std::size_t kStepBytes = 4 * MiB;
constexpr std::uint64_t kShareStepBytes = 1 * GiB; // a multiple of every block size
// Smaller files that lack no block are taken to have no hole, which saves two calls each.
constexpr std::uint64_t kSurelyMapped = 64 * KiB;
constexpr std::uint64_t kBlockBytes = 512; // of st_blocks

bool may_have_holes(const struct statx& info) noexcept {
    return info.stx_size >= kSurelyMapped || info.stx_blocks * kBlockBytes < info.stx_size;
}

bool is_not_possible(int number) noexcept {
    return number == EXDEV || number == EOPNOTSUPP || number == ENOTTY || number == ENOSYS;
}

} // namespace

Shared ContentCopier::copy(int from, const struct statx& info, int to) {
    if (info.stx_size == 0) {
        return Shared::No;
    }
    if (ways_.share && share(from, to, info.stx_size)) {
        return Shared::Yes;
    }
    if (may_have_holes(info)) {
        copy_data(from, to, info.stx_size);
    } else {
        copy_stretch(from, to, 0, static_cast<off_t>(info.stx_size));
    }
    return Shared::No;
}

void ContentCopier::check_stop() const {
    if (stop_.stop_requested()) {
        throw Canceled();
    }
}

// In steps, so that a huge file does not hold a cancellation up. The last one leads to the end of
// the file, whatever that is by now.
bool ContentCopier::share(int from, int to, std::uint64_t size) {
    for (std::uint64_t at = 0; at < size; at += kShareStepBytes) {
        check_stop();
        const bool last = size - at <= kShareStepBytes;
        file_clone_range range{};
        range.src_fd = from;
        range.src_offset = at;
        range.src_length = last ? 0 : kShareStepBytes;
        range.dest_offset = at;
        if (::ioctl(to, FICLONERANGE, &range) < 0) {
            if (is_not_possible(errno)) {
                ways_.share = false;
                return false;
            }
            // One file may be different from the others: no-COW on btrfs, DAX on xfs.
            if (errno == EINVAL || errno == EPERM || errno == ETXTBSY) {
                return false;
            }
            throw errno_error("cannot share its blocks");
        }
        size_bytes_ += last ? size - at : kShareStepBytes;
    }
    return true;
}

void ContentCopier::copy_data(int from, int to, std::uint64_t size) {
    const auto end = static_cast<off_t>(size);
    // Ahead of the writing: xfs otherwise keeps blocks that it allocated in advance.
    if (::ftruncate(to, end) < 0) {
        throw errno_error("cannot make it {} bytes long", size);
    }
    off_t at = 0;
    while (at < end) {
        const off_t data = ::lseek(from, at, SEEK_DATA);
        if (data < 0 && errno != ENXIO) {
            throw errno_error("cannot find its data");
        }
        const off_t start = data < 0 ? end : std::min(data, end);
        size_bytes_ += static_cast<std::uint64_t>(start - at);
        if (start == end) {
            return;
        }
        const off_t hole = ::lseek(from, start, SEEK_HOLE);
        at = hole < 0 ? end : std::min(hole, end);
        if (!copy_stretch(from, to, start, at)) {
            return;
        }
    }
}

// False when the file has become shorter.
bool ContentCopier::copy_stretch(int from, int to, off_t at, off_t end) {
    while (at < end) {
        check_stop();
        const std::size_t most =
            static_cast<std::size_t>(std::min<off_t>(end - at, static_cast<off_t>(kStepBytes)));
        const std::size_t copied = copy_some(from, to, at, most);
        if (copied == 0) {
            return false;
        }
        size_bytes_ += copied;
        at += static_cast<off_t>(copied);
    }
    return true;
}

std::size_t ContentCopier::copy_some(int from, int to, off_t at, std::size_t most) {
    if (ways_.in_kernel) {
        off_t in = at;
        off_t out = at;
        const ssize_t copied = ::copy_file_range(from, &in, to, &out, most, 0);
        if (copied > 0) {
            return static_cast<std::size_t>(copied);
        }
        if (copied < 0 && is_not_possible(errno)) {
            ways_.in_kernel = false;
        } else if (copied < 0 && errno != EINVAL && errno != EPERM) {
            throw errno_error("cannot copy its contents");
        }
    }
    return read_and_write(from, to, at, most);
}

std::size_t ContentCopier::read_and_write(int from, int to, off_t at, std::size_t most) {
    buffer_.resize(kBufferBytes);
    const ssize_t got = ::pread(from, buffer_.data(), std::min(most, buffer_.size()), at);
    if (got < 0) {
        throw errno_error("cannot read it");
    }
    const auto size = static_cast<std::size_t>(got);
    for (std::size_t done = 0; done < size;) {
        const ssize_t put =
            ::pwrite(to, buffer_.data() + done, size - done, at + static_cast<off_t>(done));
        if (put < 0) {
            throw errno_error("cannot write its copy");
        }
        done += static_cast<std::size_t>(put);
    }
    return size;
}

} // namespace slipway::volume
