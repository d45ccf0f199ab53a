// A daemon that comes, goes, is another or is not there, and a job that waits for it.

#include <csignal>

#include "tests/catch.hh"
#include "tests/cli/daemon_house.hh"

using namespace slipway;
using namespace slipway::tests;
using Words = std::vector<std::string>;
using House = DaemonHouse;

namespace {

const std::string kEnqueued =
    "Enqueued transfer job 7. Press C-c to continue download in background.\n";

} // namespace

TEST_CASE("a daemon that is restarted meanwhile is not noticed", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull());
    house.daemon.wait_for_request();
    house.daemon.say(7, started_pull());
    slipway.wait_for_error("Pulling");
    house.daemon.leave();
    house.daemon.come_back();
    house.daemon.leave();
    SECTION("the job runs on") {
        house.daemon.come_back();
        house.daemon.say(7, done_pull());
    }
    SECTION("the job ended while nobody spoke") {
        house.daemon.happen(7, done_pull());
        house.daemon.come_back();
    }
    CHECK(slipway.wait() == 0);
    CHECK(slipway.err() == kEnqueued + "Pulling 'http://h/web.tar.xz', saving as 'web'.\n"
                                       "Created new local image 'web'.\n"
                                       "Operation completed successfully.\n");
}

TEST_CASE("what was missed is told afterwards, in order", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull());
    house.daemon.wait_for_request();
    slipway.wait_for_error("Enqueued");
    house.daemon.leave();
    house.daemon.happen(7, started_pull());
    house.daemon.happen(7, transfer::VerdictReached{"verified", "verified: SHA-256", "", "", ""});
    house.daemon.happen(7, failed(7, "pulling 'web': disk full"));
    house.daemon.come_back();
    CHECK(slipway.wait() == 7);
    CHECK(slipway.err() == kEnqueued + "Pulling 'http://h/web.tar.xz', saving as 'web'.\n"
                                       "verified: SHA-256\n"
                                       "slipway: pulling 'web': disk full\n");
}

TEST_CASE("C-c is heard while the daemon is away", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull());
    house.daemon.wait_for_request();
    slipway.wait_for_error("Enqueued");
    house.daemon.leave();
    slipway.kill(SIGINT);
    CHECK(slipway.wait() == 1);
    CHECK_THAT(slipway.err(), contains("Continuing download in the background."));
}

TEST_CASE("B7: a bus that goes away, or a daemon that forgot, ends the waiting with a hint",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull());
    house.daemon.wait_for_request();
    slipway.wait_for_error("Enqueued");
    SECTION("the bus") {
        house.daemon.leave();
        house.bus.kill();
        CHECK(slipway.wait() == 1);
        CHECK_THAT(slipway.err(), contains("slipway: transfer 7 is no longer watched: ") &&
                                      contains("\"slipway history 7\""));
    }
    SECTION("the daemon") {
        house.daemon.leave();
        house.daemon.forget(7);
        house.daemon.come_back();
        CHECK(slipway.wait() == 1);
        CHECK_THAT(slipway.err(), contains("slipway-importd does not know it any more"));
    }
}

TEST_CASE("B1: where no daemon answers, and where direct mode is asked for, all is as it was",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const std::string direct = "Pulling 'http://h/web.tar.xz', saving as 'direct'.\n"
                               "Created new local image 'direct'.\n"
                               "Operation completed successfully.\n";
    House house;
    for (const std::string option : {"--direct", "--pool=/pool", "--pool=/var/lib/machines"}) {
        const RunResult result = run(house.pull({option}));
        CHECK(result.status == 0);
        CHECK(result.err == direct);
    }
    house.daemon.leave();
    const RunResult nobody = run(house.pull());
    CHECK(nobody.status == 0);
    CHECK(nobody.err == direct);
    house.bus.kill();
    const RunResult no_bus = run(house.pull());
    CHECK(no_bus.status == 0);
    CHECK(no_bus.err == direct);
}

TEST_CASE("--wait=no needs a daemon", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    CHECK(run(house.pull({"--wait=no", "--direct"})).status == 2);
    house.daemon.leave();
    const RunResult result = run(house.pull({"--wait=no"}));
    CHECK(result.status == 3);
    CHECK_THAT(result.err, contains("slipway: --wait=no needs slipway-importd"));
    CHECK_FALSE(house.keeper_ran());
}

TEST_CASE("a daemon of another version is not talked to", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const House house({.protocol = 2});
    const RunResult result = run(house.pull());
    CHECK(result.status == 1);
    CHECK_THAT(result.err, contains("slipway-importd speaks protocol 2, this slipway 1"));
}

TEST_CASE("proxy variables are told not to count, unless the daemon has proxies of its own",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const std::string warning = "warning: https_proxy is set here, but slipway-importd takes "
                                "proxies from its own configuration alone, and has none; see "
                                "importd.conf(5), or use --direct\n";
    const auto said = [](const House& house) {
        Words command = house.pull({"--wait=no"});
        command.insert(command.end() - 4, "https_proxy=http://proxy:3128");
        return run(command).err;
    };
    CHECK(said(House()) == warning);
    CHECK(said(House({.proxies = false})) == warning);
    CHECK(said(House({.proxies = true})).empty());
}
