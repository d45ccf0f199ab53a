// slipway through a daemon: what is asked for, what is shown, how it ends. The daemon is a stand-in
// that can say and do anything; tests/e2e has the real one.

#include <csignal>
#include <sstream>

#include <fcntl.h>

#include "tests/catch.hh"
#include "tests/cli/daemon_house.hh"

using namespace slipway;
using namespace slipway::tests;
using transfer::LogLevel;
using transfer::LogLine;
using Words = std::vector<std::string>;

namespace {

using House = DaemonHouse;

const std::string kEnqueued =
    "Enqueued transfer job 7. Press C-c to continue download in background.\n";

// What a whole job says, after the promise.
void run_to_end(StandInDaemon& daemon, const transfer::Ended& end = done_pull()) {
    daemon.wait_for_request();
    daemon.say(7, started_pull());
    daemon.say(7, LogLine{LogLevel::Warning, "2 sockets skipped"});
    daemon.say(7, end);
}

} // namespace

TEST_CASE("a pull goes to the daemon that answers, and is told as in direct mode",
          "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull());
    run_to_end(house.daemon);
    CHECK(slipway.wait() == 0);
    CHECK(slipway.out().empty());
    CHECK(slipway.err() == kEnqueued + "Pulling 'http://h/web.tar.xz', saving as 'web'.\n"
                                       "warning: 2 sockets skipped\n"
                                       "Created new local image 'web'.\n"
                                       "Operation completed successfully.\n");
    CHECK_FALSE(house.keeper_ran());
}

TEST_CASE("only what was asked for goes to the daemon", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running plain(house.pull());
    CHECK(house.daemon.wait_for_request().request ==
          nlohmann::json::parse(R"({"protocol": 1, "verb": "pull-tar", "name": "",
                                    "url": "http://h/web.tar.xz"})"));
    plain.kill(SIGINT);
    plain.wait();
    Running full(house.pull({"noble.tar", "--force", "--verify=signature", "--retries=2"}));
    CHECK(house.daemon.wait_for_request().request ==
          nlohmann::json::parse(R"({"protocol": 1, "verb": "pull-tar", "name": "noble.tar",
                                    "url": "http://h/web.tar.xz", "force": true,
                                    "verify": "signature", "network": {"retries": 2}})"));
    full.kill(SIGINT);
    full.wait();
}

TEST_CASE("what is imported is opened by the caller and goes as a descriptor", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    const TempDir files;
    write_file(files / "web.tar.gz", "the archive");
    const std::string file = (files / "web.tar.gz").string();
    const auto submitted = [&house](const Words& words, int input = -1) {
        Running slipway(house.slipway(words), input);
        const Submitted asked = house.daemon.wait_for_request();
        slipway.wait_for_error("Press C-c to continue import in background.");
        slipway.kill(SIGINT);
        CHECK(slipway.wait() == 1);
        CHECK_THAT(slipway.err(), contains("Continuing import in the background."));
        return asked;
    };
    const Submitted tar = submitted({"import-tar", file});
    CHECK(tar.input == "the archive");
    CHECK(tar.request == nlohmann::json({{"protocol", 1},
                                         {"verb", "import-tar"},
                                         {"name", "web"},
                                         {"verify", "no"},
                                         {"source", file}}));
    const Submitted fs = submitted({"import-fs", files.path().string(), "tree"});
    CHECK(fs.input == "DIR");
    CHECK(fs.request.at("name") == "tree");

    const Fd input(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    const Submitted piped = submitted({"import-raw", "-", "disk.raw"}, input.get());
    CHECK(piped.input == "the archive");
    CHECK(piped.request.at("name") == "disk");
    CHECK(piped.request.at("source") == "-");

    const RunResult missing = run(house.slipway({"import-tar", "/nonexistent.tar"}));
    CHECK(missing.status == 3);
    CHECK(missing.err == "slipway: cannot open '/nonexistent.tar': No such file or directory\n");
    const RunResult no_directory = run(house.slipway({"import-fs", file, "tree"}));
    CHECK_THAT(no_directory.err, contains("cannot open '" + file + "': Not a directory"));
}

TEST_CASE("--json gives the events of this job, the daemon's own first", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running slipway(house.pull({"--json"}));
    house.daemon.wait_for_request();
    house.daemon.put(running_job(3, "other"));
    house.daemon.say(7, started_pull());
    house.daemon.say(3, LogLine{LogLevel::Warning, "of another job"});
    house.daemon.say(7, R"({"event": "invented by a later version"})");
    house.daemon.say(7, done_pull());
    CHECK(slipway.wait() == 0);
    CHECK(slipway.err().empty());
    std::istringstream lines(slipway.out());
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);) {
        events.push_back(nlohmann::json::parse(line)["event"]);
    }
    CHECK(events == Words{"queued", "start", "end"});
}

TEST_CASE("exit statuses are those of the end, as in direct mode", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    Running failing(house.pull({"-q"}));
    run_to_end(house.daemon, failed(11, "pulling 'web': no key"));
    CHECK(failing.wait() == 11);
    CHECK(failing.err() == "warning: 2 sockets skipped\nslipway: pulling 'web': no key\n");

    Running slipway(house.pull({"-q"}));
    house.daemon.wait_for_request();
    house.daemon.say(8, canceled());
    CHECK(slipway.wait() == 9); // somebody else did
}

TEST_CASE("C1: a name that another job has is refused with that job's number", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house({.refusal = "Exists: 'web' is being brought in by job 3"});
    const RunResult result = run(house.pull());
    CHECK(result.status == 4);
    CHECK(result.err == "slipway: 'web' is being brought in by job 3\n");
}

TEST_CASE("B4: C-c, SIGTERM and SIGHUP leave the job to the daemon", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    std::uint32_t number = 7;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        Running slipway(house.pull());
        house.daemon.wait_for_request();
        house.daemon.say(number, started_pull());
        slipway.wait_for_error("Pulling");
        slipway.kill(signal);
        slipway.kill(SIGINT);
        CHECK(slipway.wait() == 1);
        CHECK_THAT(
            slipway.err(),
            contains("Continuing download in the background. Use \"slipway cancel-transfer " +
                     std::to_string(number) + "\" to abort transfer.\n"));
        house.daemon.say(number++, done_pull()); // it is still there
    }
}

TEST_CASE("C-c before the daemon has answered is heard", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house({.answers_submit = false});
    Running slipway(house.pull());
    house.daemon.wait_for_request();
    slipway.kill(SIGINT);
    CHECK(slipway.wait() == 130);
    CHECK_THAT(slipway.err(), contains("slipway: slipway-importd had not answered yet"));
}

TEST_CASE("--wait=no prints the number as soon as it is promised", "[cli][daemon]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    House house;
    const RunResult plain = run(house.pull({"--wait=no"}));
    CHECK(plain.status == 0);
    CHECK(plain.out == "7\n");
    CHECK(plain.err.empty());
    const RunResult json = run(house.pull({"--wait=no", "--json"}));
    CHECK(json.status == 0);
    CHECK(nlohmann::json::parse(json.out)["job"] == 8);
    CHECK(nlohmann::json::parse(json.out)["state"] == "queued");
}
