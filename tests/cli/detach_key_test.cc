// The way out of a terminal.

#include "cli/detach_key.hh"
#include "tests/catch.hh"

using namespace slipway::cli;
using std::chrono::milliseconds;

TEST_CASE("three presses within a second lead out, others are passed on", "[cli][console]") {
    const DetachKey::Time start{std::chrono::hours(1)};
    DetachKey key;
    CHECK(key.passed_on("ls\n", start) == 3);
    CHECK(key.passed_on("\x1d\x1d", start) == 2);
    CHECK(key.passed_on("\x1d", start + milliseconds(900)) == 0);

    DetachKey slow;
    CHECK(slow.passed_on("\x1d", start) == 1);
    CHECK(slow.passed_on("\x1d", start + milliseconds(600)) == 1);
    CHECK(slow.passed_on("\x1d", start + milliseconds(1200)) == 1);

    DetachKey other;
    CHECK(other.passed_on("\x1d\x1dx\x1d\x1d", start) == 5);
    CHECK(other.passed_on("\x1d", start) == 0);
    DetachKey one;
    CHECK(one.passed_on("ls\x1d\x1d\x1dmore", start) == 4);
}
