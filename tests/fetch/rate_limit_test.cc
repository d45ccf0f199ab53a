// The bound on the rate, with time as an argument.

#include "fetch/rate_limit.hh"
#include "tests/catch.hh"

using slipway::fetch::RateLimit;
using namespace std::chrono_literals;

namespace {

constexpr RateLimit::Time at(std::chrono::milliseconds time) {
    return RateLimit::Time(time);
}

} // namespace

TEST_CASE("each piece is followed by the pause that it takes", "[fetch][rate]") {
    RateLimit limit(1000);
    CHECK_FALSE(limit.pause(at(100s)));
    limit.count(500, at(100s));
    CHECK(limit.pause(at(100s)) == at(100'500ms));
    limit.count(500, at(100s));
    CHECK(limit.pause(at(100'999ms)) == at(101s));
    CHECK_FALSE(limit.pause(at(101s)));
}

TEST_CASE("a line that was silent does not make up for it", "[fetch][rate]") {
    RateLimit limit(1000);
    limit.count(1000, at(100s));
    limit.count(1000, at(200s));
    CHECK(limit.pause(at(200s)) == at(201s));
}

TEST_CASE("without a bound there is no pause", "[fetch][rate]") {
    RateLimit limit(0);
    limit.count(~std::uint64_t{0}, at(1s));
    CHECK_FALSE(limit.pause(at(1s)));
}
