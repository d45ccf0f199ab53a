// What a disk may cost, kept while it is written. Holes are free: what counts is the data.

#pragma once

#include <cstdint>
#include <functional>

#include "pull/budget.hh"

namespace slipway::pull {

class DiskMeter {
public:
    /// @param packed_bytes  how much has been read from outside so far
    DiskMeter(const Budget& budget, const std::function<std::uint64_t()>& packed_bytes);

    /// The disk is, or will be, so large. @throws Error Limit
    void check_size(std::uint64_t size_bytes) const;
    /// So much of it was written. @throws Error Limit
    void check_data(std::uint64_t data_bytes) const;

private:
    std::uint64_t max_size_bytes_;
    std::uint64_t max_data_bytes_;
    std::uint64_t ratio_;
    const std::function<std::uint64_t()>& packed_bytes_;
};

} // namespace slipway::pull
