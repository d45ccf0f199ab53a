// Comparisons are written so that no sum of hostile numbers can overflow.

#include "pull/budget.hh"

#include "base/error.hh"
#include "base/size.hh"

namespace slipway::pull {
namespace {

[[noreturn]] void throw_too_large(std::uint64_t limit) {
    throw Error(
        Kind::Limit,
        "the archive's files hold more than {}, the limit on size; if the image is meant to be so "
        "large, raise it with --max-size",
        format_size(limit));
}

} // namespace

Budget with_defaults(Budget budget) noexcept {
    const auto fill = [](std::uint64_t& limit, std::uint64_t fallback) {
        limit = limit == 0 ? fallback : limit;
    };
    fill(budget.size_bytes, Budget::kSizeBytes);
    fill(budget.ratio, Budget::kRatio);
    fill(budget.entries, Budget::kEntries);
    fill(budget.depth, Budget::kDepth);
    fill(budget.memory_bytes, Budget::kMemoryBytes);
    return budget;
}

void BudgetMeter::add_entry() {
    if (entries_ >= budget_.entries) {
        throw Error(
            Kind::Limit,
            "the archive has more than {} entries, the limit on entries; if the image is meant to "
            "have so many, raise it with --max-entries",
            budget_.entries);
    }
    ++entries_;
}

void BudgetMeter::announce(std::uint64_t size_bytes) const {
    if (size_bytes > budget_.size_bytes - size_bytes_) {
        throw_too_large(budget_.size_bytes);
    }
}

void BudgetMeter::add_bytes(std::uint64_t size_bytes) {
    if (size_bytes > budget_.size_bytes - size_bytes_) {
        throw_too_large(budget_.size_bytes);
    }
    size_bytes_ += size_bytes;
}

Bytes RatioSource::next() {
    const Bytes chunk = in_.next();
    unpacked_bytes_ += chunk.size();
    if (unpacked_bytes_ > Budget::kRatioFromBytes && unpacked_bytes_ / ratio_ > packed_bytes_()) {
        throw Error(Kind::Limit,
                    "{} of input have become more than {}, and the limit on ratio is {}; if the "
                    "image is meant to pack so well, raise it with --max-ratio",
                    format_size(packed_bytes_()), format_size(unpacked_bytes_), ratio_);
    }
    return chunk;
}

} // namespace slipway::pull
