// What a person sees on a terminal of a daemon's jobs.

#include "tests/catch.hh"
#include "tests/cli/daemon_house.hh"
#include "tests/cli/terminal.hh"

using namespace slipway;
using namespace slipway::tests;
using transfer::LogLevel;
using transfer::LogLine;

namespace {

const transfer::Progress kHalf{"download", 1 << 20, 1 << 21, 1 << 19, std::nullopt, 0};

} // namespace

TEST_CASE("the live line says that C-c detaches, from the queue on", "[cli][terminal]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    Terminal terminal(house.pull({"web"}), 100);
    house.daemon.wait_for_request();
    terminal.wait_until_printed("\rweb: queued  (C-c detaches)\x1b[K");
    house.daemon.say(7, started_pull());
    house.daemon.say(7, kHalf);
    terminal.wait_until_printed(
        "\rweb: 50%  1.0M of 2.0M  512.0K/s  2s left  downloading  (C-c detaches)\x1b[K");
    house.daemon.leave();
    house.daemon.come_back();
    terminal.type("\x03");
    CHECK(terminal.wait() == 1);
    CHECK_THAT(terminal.printed(),
               Catch::Matchers::EndsWith("\r\x1b[KContinuing download in the background. Use "
                                         "\"slipway cancel-transfer 7\" to abort transfer.\r\n"));
}

TEST_CASE("the monitor is a table that is drawn again, and C-c takes it away", "[cli][terminal]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    Terminal terminal(house.slipway({"monitor"}), 100);
    terminal.wait_until_printed("No transfers. C-c ends this.\r\n");
    house.daemon.put(queued_job(3, "db"));
    house.daemon.put(queued_job(7));
    house.daemon.say(7, started_pull());
    terminal.wait_until_printed("7 web: starting\r\n");
    house.daemon.say(7, kHalf);
    terminal.wait_until_printed("7 web: 50%  1.0M of 2.0M  512.0K/s  2s left  downloading\r\n");
    terminal.resize(25);
    terminal.wait_until_printed("7 web: 50%  1.0M of 2.0M\r\n");
    house.daemon.say(7, LogLine{LogLevel::Warning, "2 sockets skipped"});
    terminal.wait_until_printed("\x1b[J7 web: 2 sockets skipped\r\n7 web: 50%");
    house.daemon.say(7, failed(8, "no route"));
    terminal.wait_until_printed("7 web: failed: no route\r\n");
    terminal.type("\x03");
    CHECK(terminal.wait() == 0);
    CHECK_THAT(terminal.printed(), Catch::Matchers::EndsWith("A\r\x1b[J"));
}
