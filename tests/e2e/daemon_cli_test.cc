// The command line with the real slipway-importd, and the same without: one engine, two ways in.

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/two_ways.hh"
#include "tests/support/running_program.hh"

using namespace slipway;
using namespace slipway::tests;
using nlohmann::json;
using Words = std::vector<std::string>;

namespace {

std::optional<std::string> why_not() {
    return no_dbus_daemon();
}

} // namespace

TEST_CASE("B1: a signed tar is pulled, verified and told alike, either way", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Way way = GENERATE(Way::Direct, Way::Daemon);
    const House house(way);
    const Web web;
    const RunResult pull = house.slipway({"pull-tar", web.url(), web.keyring()});
    INFO(pull.err);
    CHECK(pull.status == 0);
    CHECK(differences(web.tree, house.image("web")) == Lines{});
    CHECK(house.leftovers({"web"}) == Lines{});
    CHECK_THAT(same_words(pull.err),
               Catch::Matchers::StartsWith("Pulling '" + web.url() + "', saving as 'web'.\n") &&
                   contains("signed by") &&
                   Catch::Matchers::EndsWith("Created new local image 'web'.\n"
                                             "Operation completed successfully.\n"));
    const RunResult again = house.slipway({"pull-tar", web.url(), web.keyring()});
    CHECK(again.status == 4);
    CHECK_THAT(again.err, contains("slipway: ") && contains("'web'"));
    const RunResult untrusted = house.slipway({"pull-tar", web.url(), "other", "-q"});
    CHECK(untrusted.status == 11);
    CHECK_THAT(untrusted.err, Catch::Matchers::StartsWith("slipway: pulling '"));
    CHECK(std::count(untrusted.err.begin(), untrusted.err.end(), '\n') == 1);
    CHECK(house.leftovers({"web"}) == Lines{});
}

TEST_CASE("B5: files, pipes and directories are imported alike, either way", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Way way = GENERATE(Way::Direct, Way::Daemon);
    const House house(way);
    const Web web;
    const RunResult file = house.slipway({"import-tar", web.file()});
    CHECK(file.status == 0);
    CHECK_THAT(file.err, contains("Importing '" + web.file() + "', saving as 'web'.\n"));
    RunOptions piped;
    piped.input = web.archive;
    const RunResult pipe = house.slipway({"import-tar", "-", "piped"}, piped);
    CHECK(pipe.status == 0);
    CHECK_THAT(pipe.err, contains("Importing standard input, saving as 'piped'.\n"));
    const RunResult fs = house.slipway({"import-fs", web.tree.string()});
    CHECK(fs.status == 0);
    CHECK_THAT(fs.err, contains("Created new local image 'tree'.\n"));
    for (const std::string name : {"web", "piped", "tree"}) {
        INFO(name);
        CHECK(differences(web.tree, house.image(name)) == Lines{});
    }
    const std::string disk = (web.place / "disk.raw").string();
    write_file(disk, std::string(100'000, 'x'));
    CHECK(house.slipway({"import-raw", disk}).status == 0);
    CHECK(read_file(house.image("disk.raw")) == std::string(100'000, 'x'));
    CHECK(house.leftovers({"web", "piped", "tree", "disk.raw"}) == Lines{});

    RunOptions cut;
    cut.input = web.archive.substr(0, web.archive.size() / 2);
    CHECK(house.slipway({"import-tar", "-", "cut"}, cut).status == 1);
    CHECK(house.leftovers({"web", "piped", "tree", "disk.raw"}) == Lines{});
}

TEST_CASE("what is stored is cloned, renamed, marked, exported and removed alike, either way",
          "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Way way = GENERATE(Way::Direct, Way::Daemon);
    const House house(way);
    const Web web;
    REQUIRE(house.slipway({"import-fs", web.tree.string(), "web"}).status == 0);
    const RunResult clone = house.slipway({"clone", "web", "copy"});
    INFO(clone.err);
    CHECK(clone.status == 0);
    CHECK(differences(web.tree, house.image("copy")) == Lines{});
    CHECK(house.slipway({"rename", "copy", "other"}).status == 0);
    CHECK(house.slipway({"read-only", "other"}).status == 0);
    CHECK_THAT(house.slipway({"read-only", "other"}).err,
               contains("'other' was already read-only"));
    const std::string archive = (web.place / "out.tar.zst").string();
    const RunResult exported = house.slipway({"export-tar", "other", archive});
    INFO(exported.err);
    CHECK(exported.status == 0);
    REQUIRE(house.slipway({"import-tar", archive, "back"}).status == 0);
    CHECK(differences(web.tree, house.image("back")) == Lines{});
    CHECK(house.leftovers({"web", "other", "back"}) == Lines{});
    const RunResult removed = house.slipway({"remove", "web", "copy", "other", "back"});
    CHECK(removed.status == 3);
    CHECK_THAT(removed.err, contains("there is no image 'copy' in "));
    CHECK(house.leftovers() == Lines{});
}

TEST_CASE("the history has verdict, key, digest and who asked", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const House house(Way::Daemon);
    const Web web;
    REQUIRE(house.slipway({"pull-tar", web.url() + "?token=secret", web.keyring()}).status == 0);
    REQUIRE(house.slipway({"pull-tar", web.url(), "other"}).status == 11);
    const std::string list = house.slipway({"history"}).out;
    CHECK_THAT(list, contains("verified") && contains(" root ") && contains("?token=…") &&
                         contains("\n    pulling '") && !contains("secret"));
    const json jobs = house.ask({"history"});
    REQUIRE(jobs.size() == 2);
    const json verified = jobs.at(1);
    CHECK(verified["verdict"]["word"] == "verified");
    CHECK(verified["verdict"]["key"] == web.publisher.key());
    CHECK(verified["verdict"]["digest"] == sha256_of(web.archive));
    const std::string number = std::to_string(verified["job"].get<int>());
    CHECK_THAT(house.slipway({"history", number}).out,
               contains("     Key: " + web.publisher.key() + "\n") &&
                   contains("  Digest: " + sha256_of(web.archive) + "\n") &&
                   contains("    User: root (0)\n"));
}

TEST_CASE("B4: C-c leaves the download to the daemon, which completes it", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const House house(Way::Daemon);
    Web web;
    web.stall();
    Running pull(house.command({"pull-tar", web.url(), "--verify=no"}));
    web.publisher.server.wait_for_requests("/images/web.tar.gz", 1);
    pull.wait_for_error("Pulling");
    const json listed = house.ask({"list-transfers"});
    REQUIRE(listed.size() == 1);
    CHECK(listed[0]["local"] == "web");
    CHECK(listed[0]["type"] == "pull-tar");
    CHECK(listed[0]["state"] == "running");
    pull.kill(SIGINT);
    CHECK(pull.wait() == 1);
    CHECK_THAT(pull.err(), contains("Continuing download in the background. Use \"slipway "
                                    "cancel-transfer "));
    Running monitor(house.command({"monitor"}));
    monitor.wait_for_output("\"present\"");
    web.release();
    monitor.wait_for_output("\"outcome\":\"done\"");
    monitor.kill(SIGTERM);
    CHECK(monitor.wait() == 0);
    CHECK(differences(web.tree, house.image("web")) == Lines{});
    CHECK(house.slipway({"list-transfers"}).out == "No transfers.\n");
}

TEST_CASE("B9, C1, C2: a name is one job's; who cancels it ends the others' waiting with 9",
          "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const House house(Way::Daemon);
    Web web;
    web.stall();
    Running pull(house.command({"pull-tar", web.url(), "--verify=no"}));
    web.publisher.server.wait_for_requests("/images/web.tar.gz", 1);
    const std::string number = std::to_string(house.ask({"list-transfers"})[0]["id"].get<int>());
    for (const Words& words :
         {Words{"pull-tar", web.url(), "--verify=no"},
          Words{"pull-tar", "http://elsewhere/x.tar", "web"}, Words{"import-tar", web.file()}}) {
        const RunResult refused = house.slipway(words);
        CHECK(refused.status == 4);
        CHECK_THAT(refused.err, contains("'web'") && contains(number));
    }
    CHECK(house.slipway({"cancel-transfer", number}).status == 0);
    CHECK(pull.wait() == 9);
    CHECK_THAT(pull.err(), contains("slipway: ") && contains("canceled"));
    CHECK(house.leftovers() == Lines{});
    const RunResult again = house.slipway({"cancel-transfer", number});
    CHECK(again.status == 3);
    CHECK(again.err == "slipway: Could not cancel transfer: No transfer by id " + number + "\n");
}

TEST_CASE("K1: a daemon that is killed and started again during a pull is not noticed",
          "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    House house(Way::Daemon);
    Web web;
    web.stall();
    Running pull(house.command({"pull-tar", web.url(), "--verify=no"}));
    web.publisher.server.wait_for_requests("/images/web.tar.gz", 1);
    pull.wait_for_error("Pulling");
    for (int i = 0; i < 3; ++i) {
        house.daemon->kill();
        house.daemon->start();
    }
    web.release();
    CHECK(pull.wait() == 0);
    CHECK_THAT(same_words(pull.err()),
               Catch::Matchers::StartsWith("Pulling '") &&
                   Catch::Matchers::EndsWith("Operation completed successfully.\n") &&
                   !contains("slipway"));
    CHECK(differences(web.tree, house.image("web")) == Lines{});
    CHECK(web.publisher.server.requests("/images/web.tar.gz").size() == 1);
}

TEST_CASE("--wait=no is a promise: killed at once, the daemon keeps it", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    House house(Way::Daemon);
    const Web web;
    const RunResult promised =
        house.slipway({"pull-tar", web.url(), "--verify=no", "--wait=no", "--json"});
    CHECK(promised.status == 0);
    house.daemon->kill();
    const json job = json::parse(promised.out);
    CHECK(job["name"] == "web");
    house.daemon->start();
    Running monitor(house.command({"monitor"}));
    const std::string number = std::to_string(job["job"].get<int>());
    json ended;
    for (int i = 0; i < 600 && !ended.is_object(); ++i) {
        const RunResult history = house.slipway({"history", number, "--json"});
        ended = history.status == 0 ? json::parse(history.out) : json();
        std::this_thread::sleep_for(std::chrono::milliseconds(history.status == 0 ? 0 : 50));
    }
    CHECK(ended["state"] == "done");
    CHECK(differences(web.tree, house.image("web")) == Lines{});
    monitor.kill(SIGINT);
    CHECK(monitor.wait() == 0);
}

TEST_CASE("a daemon that the bus can start is started", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const TempDir place;
    for (const std::string name : {"pool", "state", "run"}) {
        std::filesystem::create_directory(place / name);
    }
    const std::string at = place.path().string();
    write_file(place / "importd.conf", "[Pools]\nMachine=" + at + "/pool\n");
    BusOptions options;
    options.services["io.slipway.Importd.service"] =
        "[D-BUS Service]\nName=io.slipway.Importd\nUser=root\nExec=" +
        program("slipway-importd").string() + " --config=" + at + "/importd.conf --state=" + at +
        "/state --runtime=" + at + "/run\n";
    const Web web;
    TestBus bus(options);
    const RunResult import = bus.run({program("slipway").string(), "import-tar", web.file()});
    INFO(import.err);
    CHECK(import.status == 0);
    CHECK_THAT(import.err, contains("Enqueued transfer job 1."));
    CHECK(differences(web.tree, place / "pool/web") == Lines{});
    CHECK_THAT(bus.run({program("slipway").string(), "history"}).out,
               contains("\n1 transfers listed."));
}

TEST_CASE("B6: who may not is told so, and may look", "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    constexpr uid_t kNobody = 65534;
    const House house(Way::Daemon);
    const Web web;
    const RunResult refused =
        run(as_user(kNobody, house.command({"pull-tar", web.url(), "--verify=no"})));
    CHECK(refused.status == 6);
    CHECK_THAT(refused.err, Catch::Matchers::StartsWith("slipway: "));
    CHECK(run(as_user(kNobody, house.command({"list-transfers"}))).out == "No transfers.\n");
    CHECK(house.leftovers() == Lines{});
}

TEST_CASE("proxy variables of the caller are warned of while the daemon has no proxy",
          "[e2e][daemon-cli]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    House house(Way::Daemon);
    const auto said = [&house] {
        Words command = house.command({"pull-tar", "http://127.0.0.1:1/x.tar", "--wait=no"});
        command.insert(command.end() - 4, "http_proxy=http://127.0.0.1:1");
        return run(command).err;
    };
    CHECK_THAT(said(), contains("warning: http_proxy is set here"));
    house.daemon->write_config("[Network]\nHttpProxy=http://127.0.0.1:1\n");
    house.daemon->process().kill(SIGHUP);
    std::string last = said();
    for (int i = 0; i < 200 && !last.empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        last = said();
    }
    CHECK(last.empty());
}
