// Which waiting job runs next.

#include "jobs/schedule.hh"
#include "tests/catch.hh"

using namespace slipway;
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

TEST_CASE("what is stored is changed without waiting for transfers", "[jobs][schedule]") {
    const auto in_lane = [](Contender job, Lane lane) {
        job.lane = lane;
        return job;
    };
    const std::vector<Contender> full{runs(1), runs(2), runs(3), waits(4)};
    const auto with = [&full, &in_lane](Lane lane) {
        std::vector<Contender> jobs = full;
        jobs.push_back(in_lane(waits(5), lane));
        return pick_next(jobs, kBounds);
    };
    CHECK_FALSE(with(Lane::Transfers));
    CHECK(with(Lane::Store) == 5);
    CHECK(with(Lane::AtOnce) == 5);
    std::vector<Contender> store;
    for (std::uint32_t number = 1; number <= 3; ++number) {
        store.push_back(in_lane(runs(number), Lane::Store));
    }
    store.push_back(in_lane(waits(4), Lane::Store));
    CHECK_FALSE(pick_next(store, kBounds));
    store.push_back(waits(5));
    CHECK(pick_next(store, kBounds) == 5);
    CHECK(pick_next({in_lane(waits(1), Lane::AtOnce)}, {.running = 0, .running_per_host = 0}) == 1);

    CHECK(lane_of(transfer::Verb::PullRaw) == Lane::Transfers);
    CHECK(lane_of(transfer::Verb::ExportTar) == Lane::Transfers);
    CHECK(lane_of(transfer::Verb::Remove) == Lane::Store);
    CHECK(lane_of(transfer::Verb::Clone) == Lane::Store);
    CHECK(lane_of(transfer::Verb::Rename) == Lane::AtOnce);
}

TEST_CASE("C8: of several callers the one with the fewest running jobs comes first",
          "[jobs][schedule]") {
    CHECK(pick_next({runs(1, 1000), waits(2, 1000), waits(3, 1001)}, kBounds) == 3);
    CHECK(pick_next({runs(1, 1000), runs(2, 1001), waits(3, 1001), waits(4, 1000)}, kBounds) == 3);
}
