// What an image may cost, kept while it is unpacked. Reaching a limit is an
// error that names the limit and the option that raises it.

#pragma once

#include <cstdint>
#include <functional>

#include "base/bytes.hh"
#include "stream/source.hh"

namespace slipway::pull {

/// What an image may cost. 0 is the default of that kind.
struct Budget {
    static constexpr std::uint64_t kSizeBytes = 512 * GiB;
    static constexpr std::uint64_t kDiskBytes = 8192 * GiB; ///< of a disk, its holes included
    static constexpr std::uint64_t kRatio = 200;
    static constexpr std::uint64_t kRatioFromBytes = 64 * MiB;
    static constexpr std::uint64_t kEntries = 4'000'000;
    static constexpr std::uint64_t kDepth = 256;
    static constexpr std::uint64_t kMemoryBytes = 128 * MiB;

    /// Of all file contents; of a disk as a whole (--max-size). Unset, a disk may have kSizeBytes
    /// of data in kDiskBytes.
    std::uint64_t size_bytes = 0;
    /// Unpacked over packed bytes, looked at above 64 MiB; a disk's holes do not count
    /// (--max-ratio).
    std::uint64_t ratio = 0;
    std::uint64_t entries = 0;      ///< (--max-entries)
    std::uint64_t depth = 0;        ///< directories in a path
    std::uint64_t memory_bytes = 0; ///< for what is remembered of directories until the end
};

/// The budget with the defaults filled in.
Budget with_defaults(Budget budget) noexcept;

/// Counts contents and entries.
class BudgetMeter {
public:
    explicit BudgetMeter(const Budget& budget) : budget_(budget) {}

    /// One more entry. @throws Error Limit
    void add_entry();
    /// A file states that `size_bytes` of contents will follow: refused before the first of them.
    /// @throws Error Limit
    void announce(std::uint64_t size_bytes) const;
    /// So much has come. @throws Error Limit
    void add_bytes(std::uint64_t size_bytes);

    std::uint64_t entries() const noexcept { return entries_; }
    std::uint64_t size_bytes() const noexcept { return size_bytes_; }

private:
    Budget budget_;
    std::uint64_t entries_ = 0;
    std::uint64_t size_bytes_ = 0;
};

/// Passes a stream on and compares its length with what was read from outside for it: headers,
/// contents that are skipped and padding count as well.
class RatioSource final : public stream::Source {
public:
    /// @param packed_bytes  how much has been read from outside so far
    RatioSource(stream::Source& in, std::uint64_t ratio,
                const std::function<std::uint64_t()>& packed_bytes)
        : in_(in), ratio_(ratio), packed_bytes_(packed_bytes) {}

    /// @throws Error Limit, beside what the source throws
    Bytes next() override;

private:
    stream::Source& in_;
    std::uint64_t ratio_;
    const std::function<std::uint64_t()>& packed_bytes_;
    std::uint64_t unpacked_bytes_ = 0;
};

} // namespace slipway::pull
