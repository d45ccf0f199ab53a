// What tables have said lies further on in a qcow2 image, in the order in which it will come by.

#pragma once

#include <cstdint>
#include <queue>
#include <vector>

namespace slipway::disk {

enum class Content : std::uint8_t {
    L1Table,
    L2Table,
    RefcountTable,
    Unused, ///< clusters that do not matter: reference counts, places kept for later
    Data,   ///< clusters of the disk as they are
    Packed, ///< a compressed cluster
};

struct Claim {
    Content content = Content::Data;
    std::uint32_t subclusters = ~0U; ///< of Data that is one cluster
    std::uint64_t start = 0;         ///< in the image
    std::uint64_t length = 0;        ///< in the image
    std::uint64_t disk = 0; ///< offset in the disk; of an L1 table the index of its first entry
};

/// A queue of claims. Neighbours in image and disk become one.
class Claims {
public:
    /// @param limit  when it is full; a million take some 64 MiB
    explicit Claims(std::size_t limit) : limit_(limit) {}

    void add(const Claim& claim);
    bool full() const noexcept { return queue_.size() >= limit_; }
    bool empty() const noexcept { return queue_.empty() && !holds_; }
    /// The one that comes by first.
    const Claim& first();
    Claim take_first();

private:
    struct Later {
        bool operator()(const Claim& a, const Claim& b) const noexcept { return a.start > b.start; }
    };

    void flush();

    std::size_t limit_;
    std::priority_queue<Claim, std::vector<Claim>, Later> queue_;
    Claim held_; ///< may still grow
    bool holds_ = false;
};

} // namespace slipway::disk
