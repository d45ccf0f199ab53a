// The last amounts of a stage are always said before the next one begins, so that a face that only
// copies what it hears ends at 100 %.

#include "transfer/report.hh"

namespace slipway::transfer {
namespace {

constexpr std::chrono::milliseconds kApart{100};

} // namespace

void Report::stage(std::string_view stage) {
    if (stage_ != stage) {
        stage_ = stage;
        said_.reset();
        events_.put(StageEntered{stage_});
    }
}

void Report::expect(std::optional<std::uint64_t> packed_bytes) {
    total_bytes_ = packed_bytes.value_or(0);
}

void Report::progress(RateMeter::Time now, const Amounts& amounts) {
    amounts_ = amounts;
    meter_.add(now, amounts.packed_bytes);
    const bool complete = total_bytes_ > 0 && amounts.packed_bytes >= total_bytes_;
    if (said_ && now - *said_ < kApart && !complete) {
        return;
    }
    said_ = now;
    events_.put(Progress{stage_, amounts.packed_bytes, total_bytes_, meter_.rate(), amounts.entries,
                         amounts.unpacked_bytes});
}

void Report::restart() {
    total_bytes_ = 0;
    amounts_ = {};
    meter_ = {};
    said_.reset();
}

} // namespace slipway::transfer
