// What an archive may cost (pull/unpack_tar.hh), kept while it is unpacked. Reaching a limit is an
// error that names the limit and the option that raises it.

#pragma once

#include <cstdint>
#include <functional>

#include "pull/unpack_tar.hh"
#include "stream/source.hh"

namespace slipway::pull {

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
