// Progress is measured whenever it comes and said ten times a second.

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
    count(now, amounts);
    if (!said_ || now - *said_ >= kApart) {
        say(now);
    }
}

void Report::complete(RateMeter::Time now, const Amounts& amounts) {
    count(now, amounts);
    say(now);
}

void Report::count(RateMeter::Time now, const Amounts& amounts) {
    amounts_ = amounts;
    meter_.add(now, amounts.packed_bytes);
}

void Report::say(RateMeter::Time now) {
    said_ = now;
    events_.put(Progress{stage_, amounts_.packed_bytes, total_bytes_, meter_.rate(),
                         amounts_.entries, amounts_.unpacked_bytes});
}

void Report::restart() {
    total_bytes_ = 0;
    amounts_ = {};
    meter_ = {};
    said_.reset();
}

} // namespace slipway::transfer
