// The verbs that only a daemon can answer: list-transfers, cancel-transfer, monitor, history.

#include <csignal>
#include <sstream>

#include "tests/catch.hh"
#include "tests/cli/daemon_house.hh"

using namespace slipway;
using namespace slipway::tests;
using nlohmann::json;
using transfer::LogLevel;
using transfer::LogLine;
using Words = std::vector<std::string>;

namespace {

std::vector<json> objects_in(const std::string& text) {
    std::istringstream lines(text);
    std::vector<json> all;
    for (std::string line; std::getline(lines, line);) {
        all.push_back(json::parse(line));
    }
    return all;
}

Words events_in(const std::string& text) {
    Words events;
    for (const json& object : objects_in(text)) {
        events.push_back(object["event"]);
    }
    return events;
}

} // namespace

TEST_CASE("transfers are listed as the daemon has them", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    CHECK(run(house.slipway({"list-transfers"})).out == "No transfers.\n");
    house.daemon.put(queued_job(12, "web"));
    const RunResult list = run(house.slipway({"list-transfers"}));
    CHECK(list.status == 0);
    CHECK(list.err.empty());
    CHECK(list.out == "ID PROGRESS TYPE     CLASS   LOCAL REMOTE\n"
                      "12 queued   pull-tar machine web   http://h/web.tar.xz\n"
                      "\n1 transfers listed.\n");
    CHECK(json::parse(run(house.slipway({"list-transfers", "--json=short"})).out)[0]["id"] == 12);
    CHECK(run(house.slipway({"list-transfers", "--no-legend"})).out ==
          "12 queued pull-tar machine web http://h/web.tar.xz\n");
}

TEST_CASE("where no daemon answers, its verbs say what is missing and what to do",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    house.daemon.leave();
    for (const Words& words : {Words{"list-transfers"},
                               {"cancel-transfer", "7"},
                               {"monitor"},
                               {"history"},
                               {"history", "7"}}) {
        const RunResult result = run(house.slipway(words));
        CHECK(result.status == 3);
        CHECK(result.out.empty());
        CHECK_THAT(result.err, contains("slipway: " + words[0] +
                                        " needs slipway-importd, and "
                                        "nobody answers as 'io.slipway.Importd'") &&
                                   contains("Start slipway-importd"));
    }
}

TEST_CASE("B9: every transfer that is named is canceled and waited for", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    for (const std::uint32_t number : {11U, 12U, 13U}) {
        house.daemon.put(running_job(number));
    }
    const RunResult some = run(house.slipway({"cancel-transfer", "11", "99", "12", "98"}));
    CHECK(some.status == 3);
    CHECK(some.err == "slipway: Could not cancel transfer: No transfer by id 99\n"
                      "slipway: Could not cancel transfer: No transfer by id 98\n");
    CHECK_THAT(run(house.slipway({"list-transfers"})).out, contains("\n1 transfers listed.\n"));
    house.daemon.put(queued_job(14));
    CHECK(run(house.slipway({"cancel-transfer", "--all"})).status == 0);
    CHECK(run(house.slipway({"list-transfers"})).out == "No transfers.\n");
    CHECK(run(house.slipway({"cancel-transfer", "--all"})).status == 0);
    for (const Words& words : {Words{"cancel-transfer"},
                               {"cancel-transfer", "--all", "7"},
                               {"cancel-transfer", "web"}}) {
        CHECK(run(house.slipway(words)).status == 2);
    }
}

TEST_CASE("a cancel is waited for until the end comes, over a restart, and C-c ends the waiting",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    house.daemon.put(running_job(7, "stubborn"));
    Running slipway(house.slipway({"cancel-transfer", "7"}));
    house.daemon.wait_for_cancel();
    SECTION("it was done all the same") {
        house.daemon.say(7, done_pull());
        CHECK(slipway.wait() == 1);
        CHECK(slipway.err() == "slipway: Could not cancel transfer: transfer 7 was done already, "
                               "'web' is stored. Remove it if it is not wanted\n");
    }
    SECTION("the daemon was restarted") {
        house.daemon.leave();
        house.daemon.happen(7, canceled());
        house.daemon.come_back();
        CHECK(slipway.wait() == 0);
    }
    SECTION("C-c") {
        slipway.kill(SIGINT);
        CHECK(slipway.wait() == 130);
    }
}

TEST_CASE("the monitor tells of what is there, what comes, and survives the daemon's restart",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    house.daemon.put(running_job(3, "old"));
    Running monitor(house.slipway({"monitor"}));
    monitor.wait_for_output("\"present\"");
    house.daemon.say(3, LogLine{LogLevel::Info, "still here"});
    monitor.wait_for_output("still here");
    house.daemon.leave();
    monitor.wait_for_error("slipway: slipway-importd has left the bus; waiting until it is back\n");
    house.daemon.happen(3, failed(7, "disk full")); // nobody says so
    house.daemon.come_back();
    monitor.wait_for_output("disk full");
    const RunResult pulled = run(house.pull({"--wait=no"}));
    CHECK(pulled.out == "7\n");
    house.daemon.say(7, started_pull());
    house.daemon.say(7, done_pull());
    monitor.wait_for_output("\"event\":\"end\",\"name\":\"web\"");
    monitor.kill(SIGINT);
    CHECK(monitor.wait() == 0);
    CHECK(events_in(monitor.out()) == Words{"present", "log", "end", "queued", "start", "end"});
    CHECK(objects_in(monitor.out()).at(0)["job"] == 3);
    CHECK(objects_in(monitor.out()).back()["job"] == 7);
    CHECK(monitor.err().find("waiting") == monitor.err().rfind("waiting"));
}

TEST_CASE("K4: a monitor whose reader has left ends", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    house.daemon.put(running_job(3));
    Words command = house.slipway({"monitor"});
    std::string line;
    for (const std::string& word : command) {
        line += "'" + word + "' ";
    }
    Running piped({"/bin/sh", "-c", line + "| head -n 1"});
    piped.wait_for_output("present");
    house.daemon.say(3, LogLine{LogLevel::Info, "nobody reads this"});
    house.daemon.say(3, LogLine{LogLevel::Info, "nor this"});
    CHECK(piped.wait() == 0);
}

TEST_CASE("the history shows what has ended, or one transfer whole", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    DaemonHouse house;
    CHECK(run(house.slipway({"history"})).out == "No transfers.\n");
    house.daemon.put(ended_job(3));
    house.daemon.put(ended_job(4, "pulling 'web': no key"));
    house.daemon.put(running_job(5));
    const RunResult list = run(house.slipway({"history"}));
    CHECK(list.status == 0);
    CHECK_THAT(list.out, contains("\n4  ") && contains("\n    pulling 'web': no key\n3  ") &&
                             contains(" root ") && contains("\n2 transfers listed.\n"));
    CHECK_THAT(run(house.slipway({"history", "--lines=1"})).out, contains("\n1 transfers listed."));
    CHECK(json::parse(run(house.slipway({"history", "--json"})).out).at(1)["job"] == 3);
    CHECK_THAT(run(house.slipway({"history", "4"})).out,
               contains("   Error: pulling 'web': no key"));
    CHECK(json::parse(run(house.slipway({"history", "4", "--json"})).out)["state"] == "failed");

    const RunResult running = run(house.slipway({"history", "5"}));
    CHECK(running.status == 3);
    CHECK(running.err == "slipway: transfer 5 has not ended; list-transfers shows it\n");
    CHECK(run(house.slipway({"history", "6"})).err == "slipway: No transfer by id 6\n");
    CHECK(run(house.slipway({"history", "web"})).status == 2);
}
