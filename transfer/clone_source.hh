// The image that a clone is made of.

#pragma once

#include <filesystem>
#include <vector>

#include "base/fd.hh"
#include "storage/catalog.hh"

namespace slipway::transfer {

/// Found in the search path and opened; a symlinked image is the one that it leads to. Whoever
/// reads it has it locked (storage::StagingSpec::source) and then asks check().
class CloneSource {
public:
    /// @throws Error NotFound, Denied; Unsupported: a block device
    CloneSource(const std::vector<std::filesystem::path>& search, const storage::ImageName& name,
                storage::ImageClass image_class);

    /// Once it is locked: that the name still means what was opened.
    /// @throws Error Busy
    void check() const;

    const storage::Image& image() const noexcept { return located_.image; }
    const storage::Pool& pool() const noexcept { return pool_; }
    int root() const noexcept { return root_.get(); } ///< O_RDONLY; borrowed
    bool is_disk() const noexcept { return image().type == storage::ImageType::Raw; }

private:
    storage::Located located_;
    storage::Pool pool_;
    Fd root_;
};

} // namespace slipway::transfer
