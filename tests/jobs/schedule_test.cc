// Which waiting job runs next.

#include "jobs/schedule.hh"
#include "tests/catch.hh"

using namespace slipway::jobs;

namespace {

Contender waits(std::uint32_t number, std::uint32_t uid = 0, std::string host = "") {
    return {number, uid, std::move(host), false};
}

Contender runs(std::uint32_t number, std::uint32_t uid = 0, std::string host = "") {
    return {number, uid, std::move(host), true};
}

constexpr Bounds kBounds{.running = 3, .running_per_host = 2};

} // namespace

TEST_CASE("the oldest waiting job runs next", "[jobs][schedule]") {
    CHECK(pick_next({waits(4), waits(7)}, kBounds) == 4);
    CHECK(pick_next({runs(1), waits(4), waits(7)}, kBounds) == 4);
    CHECK_FALSE(pick_next({}, kBounds));
    CHECK_FALSE(pick_next({runs(1)}, kBounds));
}

TEST_CASE("C8: no more run at once than the bound allows", "[jobs][schedule]") {
    CHECK_FALSE(pick_next({runs(1), runs(2), runs(3), waits(4)}, kBounds));
    CHECK_FALSE(pick_next({waits(4)}, {.running = 0, .running_per_host = 2}));
}

TEST_CASE("C8: a host has its share and others are passed forward", "[jobs][schedule]") {
    CHECK(pick_next({runs(1, 0, "a"), runs(2, 0, "a"), waits(3, 0, "a"), waits(4, 0, "b")},
                    kBounds) == 4);
    CHECK_FALSE(pick_next({runs(1, 0, "a"), runs(2, 0, "a"), waits(3, 0, "a")}, kBounds));
    CHECK(pick_next({runs(1), runs(2), waits(3)}, kBounds) == 3); // no network, no host
}

TEST_CASE("C8: of several callers the one with the fewest running jobs comes first",
          "[jobs][schedule]") {
    CHECK(pick_next({runs(1, 1000), waits(2, 1000), waits(3, 1001)}, kBounds) == 3);
    CHECK(pick_next({runs(1, 1000), runs(2, 1001), waits(3, 1001), waits(4, 1000)}, kBounds) == 3);
}
