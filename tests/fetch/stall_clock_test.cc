// The stall limit, with time as an argument.

#include "fetch/stall_clock.hh"
#include "tests/catch.hh"

using slipway::fetch::StallClock;
using namespace std::chrono_literals;

namespace {

constexpr StallClock::Time at(std::chrono::milliseconds time) {
    return StallClock::Time(time);
}

} // namespace

TEST_CASE("N6: a silent line is stalled after the time-out, from when we began to ask",
          "[fetch][stall]") {
    StallClock clock(30s, 30);
    CHECK_FALSE(clock.is_over(at(100s)));
    CHECK_FALSE(clock.deadline());
    clock.start(at(100s));
    CHECK(clock.deadline() == at(130s));
    CHECK_FALSE(clock.is_over(at(129'999ms)));
    CHECK(clock.is_over(at(130s)));
}

TEST_CASE("N6: whatever came before, silence is noticed within one time-out", "[fetch][stall]") {
    StallClock clock(30s, 30);
    clock.start(at(0s));
    clock.count(1'000'000, at(20s));
    CHECK_FALSE(clock.is_over(at(49s)));
    CHECK(clock.is_over(at(50s)));
}

TEST_CASE("N7: a line below the limit is stalled, one at the limit is left alone",
          "[fetch][stall]") {
    StallClock slow(30s, 30);
    StallClock steady(30s, 30);
    slow.start(at(0s));
    steady.start(at(0s));
    bool stalled = false;
    for (std::chrono::seconds now = 1s; now <= 600s; ++now) {
        stalled = stalled || slow.is_over(at(now));
        slow.count(29, at(now));
        steady.count(31, at(now));
        CHECK_FALSE(steady.is_over(at(now)));
    }
    CHECK(stalled);
}

TEST_CASE("N6: time in which our own side is full does not count", "[fetch][stall]") {
    StallClock clock(30s, 30);
    clock.start(at(0s));
    clock.stand();
    CHECK_FALSE(clock.is_over(at(1000s)));
    CHECK_FALSE(clock.deadline());
    clock.start(at(1000s));
    CHECK_FALSE(clock.is_over(at(1029s)));
    CHECK(clock.is_over(at(1030s)));
}

TEST_CASE("a limit of nothing still asks for one byte", "[fetch][stall]") {
    StallClock clock(10ms, 0);
    clock.start(at(0ms));
    clock.count(1, at(9ms));
    CHECK_FALSE(clock.is_over(at(18ms)));
    CHECK(clock.is_over(at(19ms)));
}
