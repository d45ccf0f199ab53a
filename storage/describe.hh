// What a listing says of an image. Not for other rooms.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "storage/candidate.hh"
#include "storage/pool.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {

/// For the images of one pool: what is the same for all of them is asked once. An image is opened
/// only where statx(2) does not tell.
class Describer {
public:
    /// @param pool      outlives it
    /// @param expected  how many images will be described: many subvolumes are asked at once
    Describer(const Pool& pool, std::size_t expected);

    Image describe(const Candidate& found);

private:
    bool lies_on_read_only(const Candidate& found) const noexcept;
    bool is_in_pool(const Candidate& found) const noexcept;
    void describe_directory(const Candidate& found, Image& image);
    std::optional<volume::SubvolumeInfo> find_subvolume(const Candidate& found);
    std::optional<std::int64_t> created_us(const Candidate& found) const;

    const Pool& pool_;
    struct statx own_ {};
    bool below_usr_ = false;
    bool is_btrfs_ = false;
    bool mount_read_only_ = false;
    bool read_only_ = false; ///< or a subvolume of it is
    std::optional<std::map<std::string, volume::SubvolumeInfo, std::less<>>> subvolumes_;
};

} // namespace slipway::storage
