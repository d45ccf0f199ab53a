// Patience, as tables.

#include "fetch/retry.hh"
#include "tests/catch.hh"

using namespace slipway::fetch;
using namespace std::chrono_literals;

TEST_CASE("the back-off is 1, 2, 4, 8, 16, 30, 30, 30 times the first step", "[fetch][retry]") {
    std::vector<std::chrono::milliseconds> delays;
    for (unsigned attempt = 1; attempt <= 8; ++attempt) {
        delays.push_back(retry_delay(attempt, 1000ms));
    }
    CHECK(delays == std::vector<std::chrono::milliseconds>{1s, 2s, 4s, 8s, 16s, 30s, 30s, 30s});
    CHECK(retry_delay(4, 1ms) == 8ms);
    CHECK(retry_delay(1000, 1ms) == 30ms);
}

TEST_CASE("S10: Retry-After is obeyed up to 120 steps and never shortens the wait",
          "[fetch][retry]") {
    CHECK(retry_delay(1, 1s, 7s) == 7s);
    CHECK(retry_delay(1, 1ms, 7s) == 7ms);
    CHECK(retry_delay(1, 1s, 120s) == 120s);
    CHECK(retry_delay(1, 1s, 3600s) == 120s);
    CHECK(retry_delay(5, 1s, 2s) == 16s);
    CHECK(retry_delay(1, 1s, 0s) == 1s);
}

TEST_CASE("Retry-After is read as seconds or against the answer's own date", "[fetch][retry]") {
    const char* now = "Sun, 06 Nov 1994 08:49:37 GMT";
    CHECK(parse_retry_after("5", "") == 5s);
    CHECK(parse_retry_after("0", "") == 0s);
    CHECK(parse_retry_after("99999999999", "") == 24h);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", now) == 60s);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:50:37 GMT", "") == std::nullopt);
    CHECK(parse_retry_after("Sun, 06 Nov 1994 08:49:36 GMT", now) == std::nullopt);
    for (const char* bad : {"", "-5", "5s", "soon", "99999999999999999999999"}) {
        INFO(bad);
        CHECK(parse_retry_after(bad, now) == std::nullopt);
    }
}

TEST_CASE("408, 429 and 5xx ask to come again, nothing else does", "[fetch][retry]") {
    for (const int status : {408, 429, 500, 501, 502, 503, 504, 511, 599}) {
        INFO(status);
        CHECK(is_busy(status));
    }
    for (const int status : {200, 206, 301, 304, 400, 401, 403, 404, 407, 410, 416, 425, 600, 0}) {
        INFO(status);
        CHECK_FALSE(is_busy(status));
    }
}

TEST_CASE("a host that was never reached is not waited for, one that answered is",
          "[fetch][retry]") {
    CHECK_FALSE(is_retried(Trouble::Unreachable, false));
    CHECK(is_retried(Trouble::Unreachable, true));
    for (const Trouble trouble : {Trouble::Cut, Trouble::Stalled, Trouble::Busy}) {
        CHECK(is_retried(trouble, false));
        CHECK(is_retried(trouble, true));
    }
    CHECK_FALSE(is_retried(Trouble::Lasting, true));
    CHECK_FALSE(is_retried(Trouble::None, true));
}
