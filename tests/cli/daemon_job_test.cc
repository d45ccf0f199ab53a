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
