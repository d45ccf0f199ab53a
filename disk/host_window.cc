// A cluster has one use in an image: a table, or data. A second one is how tables that overlap, or
// lead back to themselves, show.

#include "disk/host_window.hh"

#include <algorithm>
#include <cstring>

#include <unistd.h>

#include "base/error.hh"
#include "base/size.hh"
#include "disk/zero_scan.hh"

namespace slipway::disk {
namespace {

constexpr std::size_t kKeepBytes = 1 * MiB;
// A compressed cluster is at most two clusters and a sector long, and begins anywhere in one.
constexpr std::size_t kKeepClusters = 4;
// 64 MiB for the map of clusters: a file of 32 TiB in clusters of 64 KiB.
constexpr std::uint64_t kMaxClusters = 64 * MiB * 8;

[[noreturn]] void throw_overlap(std::uint64_t offset) {
    throw Error(Kind::Corrupt,
                "the qcow2 image is damaged: the cluster at byte {} is used twice, so that tables "
                "or data overlap",
                offset);
}

} // namespace

HostWindow::HostWindow(unsigned cluster_bits, int scratch)
    : cluster_bits_(cluster_bits), scratch_(scratch),
      keep_bytes_(std::max(kKeepBytes, kKeepClusters << cluster_bits)),
      buffer_(2 * keep_bytes_ + kPieceBytes) {}

void HostWindow::append(Bytes piece) {
    if (piece.size() > buffer_.size() - filled_) {
        make_room();
    }
    std::memcpy(buffer_.data() + filled_, piece.data(), piece.size());
    filled_ += piece.size();
}

void HostWindow::make_room() {
    const std::uint64_t cluster_bytes = std::uint64_t{1} << cluster_bits_;
    while (filled_ - first_ >= keep_bytes_ + cluster_bytes) {
        evict(start_ >> cluster_bits_, Bytes(buffer_).subspan(first_, cluster_bytes));
        start_ += cluster_bytes;
        first_ += cluster_bytes;
    }
    std::memmove(buffer_.data(), buffer_.data() + first_, filled_ - first_);
    filled_ -= first_;
    first_ = 0;
}

void HostWindow::evict(std::uint64_t cluster, Bytes bytes) {
    partly_used_.erase(cluster);
    if (scratch_ < 0 || is_used(cluster) || all_zero(bytes)) {
        return;
    }
    std::uint64_t offset = cluster << cluster_bits_;
    while (!bytes.empty()) {
        const ssize_t wrote =
            ::pwrite(scratch_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            throw errno_error("cannot keep what comes out of order in the scratch file");
        }
        offset += static_cast<std::uint64_t>(wrote);
        bytes = bytes.subspan(static_cast<std::size_t>(wrote));
    }
}

Bytes HostWindow::read(std::uint64_t offset, std::uint64_t length) {
    if (holds(offset, length)) {
        return Bytes(buffer_).subspan(first_ + (offset - start_), length);
    }
    joined_.resize(length);
    const std::uint64_t before = offset < start_ ? std::min(length, start_ - offset) : 0;
    read_scratch(offset, std::span(joined_).first(before));
    if (before < length) {
        const Bytes rest = Bytes(buffer_).subspan(first_ + (offset + before - start_));
        std::memcpy(joined_.data() + before, rest.data(), length - before);
    }
    return joined_;
}

void HostWindow::read_scratch(std::uint64_t offset, std::span<std::byte> into) {
    for (std::uint64_t cluster = offset >> cluster_bits_;
         cluster <= (offset + into.size() - 1) >> cluster_bits_; ++cluster) {
        if (is_used(cluster)) {
            throw_overlap(cluster << cluster_bits_);
        }
    }
    if (scratch_ < 0) {
        throw Error(Kind::Unsupported,
                    "the qcow2 image has data before the tables that lead to it, which cannot be "
                    "read in one pass; put it in order: qemu-img convert -O qcow2 IMAGE NEW.qcow2");
    }
    used_scratch_ = true;
    while (!into.empty()) {
        const ssize_t got = ::pread(scratch_, into.data(), into.size(), static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            throw errno_error("cannot read the scratch file");
        }
        if (got == 0) { // zeros were not kept
            std::fill(into.begin(), into.end(), std::byte{0});
            return;
        }
        offset += static_cast<std::uint64_t>(got);
        into = into.subspan(static_cast<std::size_t>(got));
    }
}

bool HostWindow::is_used(std::uint64_t cluster) const noexcept {
    return cluster < used_.size() && used_[cluster];
}

void HostWindow::set_used(std::uint64_t cluster) {
    if (cluster >= kMaxClusters) {
        throw Error(Kind::Limit,
                    "the qcow2 image has more than {} clusters; make it again with larger ones: "
                    "qemu-img convert -O qcow2 IMAGE NEW.qcow2",
                    kMaxClusters);
    }
    if (cluster >= used_.size()) {
        used_.resize(std::max<std::size_t>(cluster + 1, used_.size() * 2));
    }
    used_[cluster] = true;
}

void HostWindow::use(std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t last = (offset + length - 1) >> cluster_bits_;
    for (std::uint64_t cluster = offset >> cluster_bits_; cluster <= last; ++cluster) {
        if (is_used(cluster) || partly_used_.contains(cluster)) {
            throw_overlap(cluster << cluster_bits_);
        }
        set_used(cluster);
    }
}

void HostWindow::use_part(std::uint64_t offset, std::uint64_t length) {
    const std::uint64_t cluster_bytes = std::uint64_t{1} << cluster_bits_;
    while (length != 0) {
        const std::uint64_t cluster = offset >> cluster_bits_;
        const std::uint64_t part = std::min(length, cluster_bytes - (offset & (cluster_bytes - 1)));
        if (is_used(cluster)) {
            throw_overlap(cluster << cluster_bits_);
        }
        if (offset >= start_) { // what lies before is in the scratch file, and stays there
            std::uint64_t& used = partly_used_[cluster];
            used += part;
            if (used >= cluster_bytes) {
                set_used(cluster);
                partly_used_.erase(cluster);
            }
        }
        offset += part;
        length -= part;
    }
}

void HostWindow::ignore(std::uint64_t offset) {
    if (offset >= start_) {
        set_used(offset >> cluster_bits_);
    }
}

} // namespace slipway::disk
