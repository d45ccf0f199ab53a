// slipway and its keeper: what goes in, what is shown, how it ends. The keeper is a script here, so
// that it can say and do anything; tests/e2e has the real one.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <sstream>

#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/cli/stand_in.hh"

using namespace slipway;
using namespace slipway::tests;
using transfer::LogLevel;
using transfer::LogLine;

namespace {

const std::string kWholePull =
    says(started_pull()) + says(LogLine{LogLevel::Debug, "SHA256SUMS: 404"}) +
    says(transfer::StageEntered{"download"}) +
    says(transfer::Progress{"download", 1 << 20, 1 << 21, 1 << 20, 10, 1 << 22}) +
    says(LogLine{LogLevel::Warning, "2 sockets skipped"}) +
    says(transfer::VerdictReached{"verified", "verified: SHA-256, signed by 7D8D", "", "", ""}) +
    says(done_pull());

std::chrono::milliseconds since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 start);
}

// How a running pull ends after a signal.
int end_after(const StandIn& keeper, int signal) {
    Running slipway(keeper.pull());
    slipway.wait_for_error("saying it runs");
    const auto start = std::chrono::steady_clock::now();
    slipway.kill(signal);
    const int status = slipway.wait();
    CHECK(since(start) < std::chrono::seconds(1));
    CHECK_THAT(slipway.err(), contains("slipway: pulling 'web': canceled; nothing was stored\n"));
    return status;
}

const std::string kUntilCanceled = says(started_pull()) +
                                   says(LogLine{LogLevel::Info, "saying it runs"}) +
                                   kWaitForCancel + says(canceled());

} // namespace

TEST_CASE("a pull is told in plain lines where there is no terminal", "[cli][direct]") {
    const StandIn keeper(kWholePull);
    const RunResult result = run(keeper.pull());
    CHECK(result.status == 0);
    CHECK(result.out.empty());
    CHECK(result.err == "Pulling 'http://h/web.tar.xz', saving as 'web'.\n"
                        "warning: 2 sockets skipped\n"
                        "verified: SHA-256, signed by 7D8D\n"
                        "Created new local image 'web'.\n"
                        "Operation completed successfully.\n");
}

TEST_CASE("the keeper gets what was asked for", "[cli][direct]") {
    const StandIn keeper(kWholePull);
    run_ok(keeper.pull({"noble", "--pool=/pool", "--force", "--verify=checksum", "--direct",
                        "--keyring=/k.gpg", "--retries=2"}));
    const auto request = nlohmann::json::parse(keeper.request());
    CHECK(request["protocol"] == 1);
    CHECK(request["verb"] == "pull-tar");
    CHECK(request["url"] == "http://h/web.tar.xz");
    CHECK(request["name"] == "noble");
    CHECK(request["pool"] == "/pool");
    CHECK(request["force"] == true);
    CHECK(request["verify"] == "checksum");
    CHECK(request["keyrings"] == nlohmann::json::array({"/k.gpg"}));
    CHECK(request["network"]["retries"] == 2);
}

TEST_CASE("--quiet leaves warnings, --debug adds what was looked at", "[cli][direct]") {
    const StandIn keeper(kWholePull);
    CHECK(run(keeper.pull({"--quiet"})).err == "warning: 2 sockets skipped\n");
    CHECK_THAT(run(keeper.pull({"--debug"})).err, contains("\nSHA256SUMS: 404\n"));
}

TEST_CASE("--json gives each event as one object a line, and nothing else", "[cli][direct]") {
    const StandIn keeper(kWholePull);
    for (const std::string form : {"--json", "-j", "--json=pretty"}) {
        const RunResult result = run(keeper.pull({form}));
        CHECK(result.status == 0);
        CHECK(result.err.empty());
        std::istringstream lines(result.out);
        std::vector<std::string> events;
        for (std::string line; std::getline(lines, line);) {
            events.push_back(nlohmann::json::parse(line)["event"]);
        }
        CHECK(events == std::vector<std::string>{"start", "log", "stage", "progress", "log",
                                                 "verdict", "end"});
    }
    CHECK(run(keeper.pull({"--json=off"})).out.empty());
}

TEST_CASE("a failure is one line and its status, with --json and --quiet, too", "[cli][direct]") {
    const StandIn keeper(says(started_pull()) + says(failed(11, "pulling 'web': no key")));
    for (const auto& options : {std::vector<std::string>{"-q"}, {"--json"}}) {
        const RunResult result = run(keeper.pull(options));
        CHECK(result.status == 11);
        CHECK(result.err == "slipway: pulling 'web': no key\n");
    }
    CHECK(run(keeper.pull()).err == "Pulling 'http://h/web.tar.xz', saving as 'web'.\n"
                                    "slipway: pulling 'web': no key\n");
}

TEST_CASE("K5: a keeper that dies, or says garbage, or half a line, is one failed job",
          "[cli][direct]") {
    const StandIn killed(says(started_pull()) + "kill -9 $$\n");
    const RunResult death = run(killed.pull({"-q"}));
    CHECK(death.status == 1);
    CHECK_THAT(death.err, contains("slipway: slipway-transfer was killed by signal 9 (Killed) "
                                   "without saying how the job ended. Whether 'web' is stored"));

    const StandIn silent("echo 'cannot load libfmt' >&2; exit 3\n");
    const RunResult silence = run(silent.pull());
    CHECK(silence.status == 1);
    CHECK_THAT(silence.err, contains("exited with status 3 without saying how the job ended: "
                                     "cannot load libfmt. Whether"));

    const StandIn babbling(says(started_pull()) + "echo '<html>'\n" + kWaitForCancel);
    const RunResult babble = run(babbling.pull({"-q"}));
    CHECK(babble.status == 1);
    CHECK_THAT(babble.err, contains("slipway: slipway-transfer said '<html>', which is no event"));

    const StandIn cut("printf '{\"event\":\"end\",\"outc'\n");
    CHECK(run(cut.pull()).status == 1);

    for (const RunResult& result : {death, silence, babble}) {
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    }
}

TEST_CASE("a keeper that cannot be found is named", "[cli][direct]") {
    const StandIn keeper("");
    std::filesystem::remove(keeper / "slipway-transfer");
    const RunResult result = run(keeper.pull());
    CHECK(result.status == 3);
    CHECK_THAT(result.err, contains("slipway: the program 'slipway-transfer' is missing"));
}

TEST_CASE("K2: SIGINT, SIGTERM and SIGHUP cancel, and the keeper's end is waited for",
          "[cli][direct]") {
    const StandIn keeper(kUntilCanceled + "echo ended >ended\n");
    CHECK(end_after(keeper, SIGINT) == 130);
    CHECK(end_after(keeper, SIGTERM) == 143);
    CHECK(end_after(keeper, SIGHUP) == 129);
    CHECK(read_file(keeper / "ended") == "ended\n");
}

TEST_CASE("K3: a second signal is harmless", "[cli][direct]") {
    const StandIn keeper(says(started_pull()) + kWaitForCancel +
                         says(LogLine{LogLevel::Info, "tidying up"}) + kWaitForGo +
                         says(canceled()));
    Running slipway(keeper.pull());
    slipway.wait_for_error("Pulling");
    slipway.kill(SIGINT);
    slipway.wait_for_error("tidying up");
    slipway.kill(SIGINT);
    slipway.kill(SIGTERM);
    keeper.go();
    CHECK(slipway.wait() == 130);
}

TEST_CASE("K3: a signal that comes when the image is committed changes nothing", "[cli][direct]") {
    const StandIn keeper(says(started_pull()) + says(done_pull()) + kWaitForCancel);
    Running slipway(keeper.pull());
    slipway.wait_for_error("Operation completed successfully.");
    slipway.kill(SIGINT);
    CHECK(slipway.wait() == 0);
}

TEST_CASE("a hang-up that was ignored from the start stays ignored", "[cli][direct]") {
    const StandIn keeper(says(started_pull()) + kWaitForGo + says(done_pull()));
    std::vector<std::string> command{"/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "sh"};
    for (const std::string& word : keeper.pull()) {
        command.push_back(word);
    }
    Running slipway(command);
    slipway.wait_for_error("Pulling");
    slipway.kill(SIGHUP);
    keeper.go();
    CHECK(slipway.wait() == 0);
}

TEST_CASE("a job that somebody else canceled ends with 9", "[cli][direct]") {
    const StandIn keeper(says(started_pull()) + says(canceled()));
    CHECK(run(keeper.pull()).status == 9);
}

TEST_CASE("K4: standard output that is closed, full or left does not harm the transfer",
          "[cli][direct]") {
    const StandIn keeper(kWholePull);
    const auto through_shell = [&keeper](const std::string& redirection) {
        return run({"/bin/sh", "-c", keeper.slipway() + " pull-tar u --json " + redirection});
    };
    CHECK(through_shell(">&-").status == 0);
    CHECK(through_shell(">/dev/full").status == 0);
    CHECK(through_shell("<&- >&- 2>&-").status == 0);
    CHECK(through_shell("2>/dev/full").status == 0);
    const RunResult left =
        run({"/bin/bash", "-c",
             "set -o pipefail; " + keeper.slipway() + " pull-tar u --json | head -n 0"});
    CHECK(left.status == 0);
}

TEST_CASE("K4: a reader that has stopped reading does not keep C-c from being heard",
          "[cli][direct]") {
    // More than a pipe holds, then much more than slipway keeps for its reader.
    const auto lines = [](int count) {
        return "i=0; while [ $i -lt " + std::to_string(count) + " ]; do i=$((i+1))\n" +
               says(LogLine{LogLevel::Info, std::string(200, 'x')}) + "done\n";
    };
    const StandIn keeper(says(started_pull()) + lines(500) + kTell + lines(3000) + kWaitForCancel +
                         says(canceled()));
    Running slipway(keeper.pull({"--json"}));
    keeper.wait_until_told();
    slipway.kill(SIGINT);
    CHECK(slipway.wait_without_reading_output() == 130);
}

TEST_CASE("N13: passwords and tokens of a URL stand in no process list", "[cli][direct]") {
    const StandIn keeper(kUntilCanceled);
    Running slipway({keeper.slipway(), "pull-tar", "http://me:secret@h/web.tar?token=secret2"});
    slipway.wait_for_error("saying it runs");
    const std::string arguments = read_file("/proc/" + std::to_string(slipway.pid()) + "/cmdline");
    CHECK_THAT(arguments, contains("pull-tar") && contains("@h/web.tar?token="));
    CHECK_THAT(arguments, !contains("secret"));
    CHECK_THAT(keeper.request(), contains("http://me:secret@h/web.tar?token=secret2"));
    slipway.kill(SIGTERM);
    CHECK(slipway.wait() == 143);
    CHECK_THAT(slipway.err(), !contains("secret"));
}

TEST_CASE("an archive on standard input is handed to the keeper", "[cli][direct]") {
    const StandIn keeper("cat <&3 >got\n" + says(done_pull()));
    RunOptions options;
    options.input = "the archive";
    CHECK(run({keeper.slipway(), "import-tar", "-", "web"}, options).status == 0);
    CHECK(read_file(keeper / "got") == "the archive");
    CHECK(nlohmann::json::parse(keeper.request())["path"] == "");
}

TEST_CASE("a file whose name is not UTF-8 is opened for the keeper", "[cli][direct]") {
    const StandIn keeper("cat <&3 >got\n" + says(done_pull()));
    write_file(keeper / "\xff.tar", "the archive");
    CHECK(run({keeper.slipway(), "import-tar", (keeper / "\xff.tar").string(), "web"}).status == 0);
    CHECK(read_file(keeper / "got") == "the archive");
    const RunResult missing = run({keeper.slipway(), "import-tar", "/\xfe.tar", "web"});
    CHECK(missing.status == 3);
    CHECK(missing.err == "slipway: cannot open '/\\xfe.tar': No such file or directory\n");
}

TEST_CASE("every name is tried, the first failure decides", "[cli][direct]") {
    const transfer::Started start{"0123456789abcdef", "remove", "", ""};
    const StandIn keeper(says(start) +
                         "case $request in\n"
                         "*'\"busy\"'*) " +
                         says(failed(5, "'busy' is in use")) +
                         ";;\n"
                         "*'\"gone\"'*) " +
                         says(failed(3, "no image 'gone'")) +
                         ";;\n"
                         "*) " +
                         says(done_pull()) + "echo >>removed;;\nesac\n");
    const RunResult result = run({keeper.slipway(), "remove", "a", "busy", "b", "gone", "c"});
    CHECK(result.status == 5);
    CHECK(result.out.empty());
    CHECK(result.err == "slipway: 'busy' is in use\nslipway: no image 'gone'\n");
    CHECK(read_file(keeper / "removed") == "\n\n\n");
    CHECK(run({keeper.slipway(), "remove", "a", "b"}).status == 0);
}

TEST_CASE("a signal ends a removal of several with the one that runs", "[cli][direct]") {
    const auto removing_until = [](const transfer::Ended& end) {
        return "echo >>started\n" + says(LogLine{LogLevel::Info, "saying it runs"}) +
               kWaitForCancel + says(end);
    };
    const auto status_of = [](const StandIn& keeper, const std::vector<std::string>& names) {
        std::vector<std::string> command{keeper.slipway(), "remove"};
        command.insert(command.end(), names.begin(), names.end());
        Running slipway(command);
        slipway.wait_for_error("saying it runs");
        slipway.kill(SIGINT);
        return slipway.wait();
    };
    const StandIn stops(removing_until(canceled()));
    CHECK(status_of(stops, {"a", "b", "c"}) == 130);
    CHECK(read_file(stops / "started") == "\n");
    // Too late for the one that runs, in time for the others.
    const StandIn completes(removing_until(done_pull()));
    CHECK(status_of(completes, {"a", "b"}) == 130);
    CHECK(read_file(completes / "started") == "\n");
    CHECK(status_of(completes, {"a"}) == 0);
}
