// Signals as people write them.

#include <csignal>

#include "base/error.hh"
#include "spawn/signal_name.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("signals are known by name with and without SIG, and by number", "[spawn]") {
    CHECK(parse_signal("SIGTERM") == SIGTERM);
    CHECK(parse_signal("TERM") == SIGTERM);
    CHECK(parse_signal("15") == SIGTERM);
    CHECK(parse_signal("SIGRTMIN+4") == SIGRTMIN + 4);
    CHECK(parse_signal("RTMIN") == SIGRTMIN);
    CHECK(parse_signal("SIGRTMAX-1") == SIGRTMAX - 1);
    for (const char* wrong : {"", "SIG", "sigterm", "SIGRTMIN+", "SIGRTMIN+99", "0", "-9", "9x"}) {
        INFO(wrong);
        CHECK_THROWS_AS(parse_signal(wrong), Error);
    }
}
