// What a job tells while it runs.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "transfer/event.hh"
#include "transfer/event_writer.hh"
#include "transfer/rate_meter.hh"

namespace slipway::transfer {

/// How far a stage has come.
struct Amounts {
    std::uint64_t packed_bytes = 0;
    std::uint64_t unpacked_bytes = 0;
    std::optional<std::uint64_t> entries{}; ///< of a tree
};

/// Turns what happens into events, progress at most ten times a second. Knows no clock: times are
/// given. One thread.
class Report {
public:
    explicit Report(EventWriter& events) : events_(events) {}

    void started(const Started& event) { events_.put(event); }
    void log(LogLevel level, std::string text) { events_.put(LogLine{level, std::move(text)}); }
    void proof(const ProofSeen& event) { events_.put(event); }
    void verdict(const VerdictReached& event) { events_.put(event); }
    void inspected(const Inspected& event) { events_.put(event); }
    void disk_inspected(const DiskInspected& event) { events_.put(event); }
    void cleaned(const Cleaned& event) { events_.put(event); }

    /// A stage begins; a stage that is entered again while it lasts is not said again.
    void stage(std::string_view stage);
    /// How many packed bytes there are in all; nothing is known of it before.
    void expect(std::optional<std::uint64_t> packed_bytes);
    void progress(RateMeter::Time now, const Amounts& amounts);
    /// All has come: said in any case, so that a face that only copies what it hears ends at 100 %.
    void complete(RateMeter::Time now, const Amounts& amounts);
    /// Nothing has come for a while: says how the rate falls.
    void idle(RateMeter::Time now) { progress(now, amounts_); }
    /// The bytes start over from the first one.
    void restart();

    const Amounts& amounts() const noexcept { return amounts_; }

private:
    void count(RateMeter::Time now, const Amounts& amounts);
    void say(RateMeter::Time now);

    EventWriter& events_;
    std::string stage_;
    std::uint64_t total_bytes_ = 0;
    Amounts amounts_;
    RateMeter meter_;
    std::optional<RateMeter::Time> said_;
};

} // namespace slipway::transfer
