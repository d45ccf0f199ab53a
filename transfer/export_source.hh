// The image that is exported: found, and held so that it does not change while it is read.

#pragma once

#include <optional>
#include <string>
#include <utility>

#include "storage/catalog.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "transfer/job.hh"

namespace slipway::transfer {

/// A subvolume is read from a snapshot that is made for it and goes with this object: whoever uses
/// the image meanwhile is neither disturbed nor seen. Everything else is locked, shared with other
/// readers.
class ExportSource {
public:
    /// @throws Error NotFound; Unsupported: an image of the other kind (names the verb that takes
    /// it);
    ///         Busy: names the holder; Denied
    explicit ExportSource(const Job& job);
    ExportSource(const ExportSource&) = delete;
    ExportSource& operator=(const ExportSource&) = delete;

    /// The tree or disk, opened for reading.
    int fd() const noexcept { return fd_.get(); }
    const storage::Image& image() const noexcept { return located_.image; }
    /// How much there is to read, where that is known.
    std::optional<std::uint64_t> size_bytes() const;
    /// @throws Error Busy: the lock was taken away meanwhile, so what was read may be a mixture
    void check() const;

private:
    void open();
    bool snapshot(const Job& job);

    storage::Located located_;
    storage::Pool pool_;
    Fd fd_;
    std::optional<storage::ImageLock> lock_;
    std::optional<storage::JobPlace> place_; ///< of the snapshot
};

} // namespace slipway::transfer
