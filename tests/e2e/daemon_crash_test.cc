// The daemon dies, alone or with everything of its jobs: nothing that it promised is lost, and
// nothing is done twice.

#include <cstdlib>
#include <random>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/bytes.hh"
#include "base/memfd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/support/daemon_client.hh"
#include "tests/support/http_server.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using transfer::JobState;

namespace {

// CI's, or what SLIPWAY_KILLS asks for.
int kills(int usual) {
    const char* asked = std::getenv("SLIPWAY_KILLS");
    return asked != nullptr ? std::atoi(asked) : usual;
}

std::mt19937 make_random() {
    const char* given = std::getenv("SLIPWAY_SEED");
    const unsigned seed = given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10))
                                           : std::random_device()();
    UNSCOPED_INFO("SLIPWAY_SEED=" << seed);
    return std::mt19937(seed);
}

Tree read_image(const std::filesystem::path& path) {
    Tree tree = read_tree(path);
    tree["."].attributes.erase("user.slipway.origin");
    return tree;
}

// What is in the pool besides these: hidden names of staging.
std::vector<std::string> leftovers(const std::filesystem::path& pool,
                                   const std::set<std::string>& expected) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(pool)) {
        const std::string name = entry.path().filename().string();
        if (expected.count(name) == 0) {
            found.push_back(name);
        }
    }
    return found;
}

// As its first event said it.
pid_t keeper_of(DaemonClient& client, std::uint32_t number) {
    for (const auto& [job, event] : client.events()) {
        const std::string start = R"("event":"start")";
        if (job == number && event.find(start) != std::string::npos) {
            return std::get<transfer::Started>(transfer::parse_event(event)).pid;
        }
    }
    throw std::runtime_error("no keeper of the job said that it starts");
}

// The pools are swept in the background.
std::vector<std::string> leftovers_at_last(const std::filesystem::path& pool,
                                           const std::set<std::string>& expected) {
    std::vector<std::string> found = leftovers(pool, expected);
    for (int i = 0; i < 200 && !found.empty(); ++i) {
        std::this_thread::sleep_for(50ms);
        found = leftovers(pool, expected);
    }
    return found;
}

} // namespace

TEST_CASE("K1: a pull whose daemon is killed again and again arrives, downloaded once, as the same "
          "job",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const int times = kills(10);
    TempDir tree;
    make_large_tree(tree.path(), 64 * KiB * static_cast<std::uint64_t>(times) * 4);
    HttpServer server;
    server.serve("/image.tar", pack(tree.path()));
    server.always("/image.tar", trickling(64 * KiB, 100ms));
    TestBus bus;
    RunningDaemon daemon(bus);
    DaemonClient client(bus);

    const std::uint32_t number = client.pull_tar(server.url("/image.tar"), "image");
    client.wait_until(number, [](const auto& job) { return job.state == JobState::Running; });
    std::uint64_t had = 0;
    for (int i = 0; i < times; ++i) {
        daemon.kill();
        daemon.start();
        client.wait_until(number, [&had](const transfer::JobRecord& job) {
            return job.progress && job.progress->done_bytes > had;
        });
        had = client.list().at(0).progress->done_bytes;
    }
    const transfer::JobRecord ended = client.wait_for_end(number);
    INFO(ended.end->text);
    CHECK(ended.state == JobState::Done);
    CHECK(ended.attempts == 1);
    CHECK(server.requests("/image.tar").size() == 1);
    CHECK(tree_differences(read_tree(tree.path()), read_image(daemon.pool() / "image")) ==
          std::vector<std::string>{});
    CHECK(leftovers_at_last(daemon.pool(), {"image"}) == std::vector<std::string>{});
    CHECK(client.history().size() == 1);
}

TEST_CASE("K1: everything is killed while ten jobs wait and run, and after the next start each of "
          "them ends with its image whole",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    constexpr int kJobs = 10;
    TempDir tree;
    make_plain_tree(tree.path(), 300);
    const Tree expected = read_tree(tree.path());
    HttpServer server;
    server.serve("/image.tar.gz", pack(tree.path(), ".gz"));
    TestBus bus;
    RunningDaemon daemon(bus, {.config = "[Transfers]\nRunning=3\nRunningPerHost=3\n"});
    DaemonClient client(bus);
    std::mt19937 random = make_random();
    std::uint32_t jobs_before = 0;

    for (int round = 0; round < kills(10); ++round) {
        std::set<std::string> names;
        std::vector<std::uint32_t> numbers;
        for (int job = 0; job < kJobs; ++job) {
            const std::string name = fmt::format("image-{}", job);
            names.insert(name);
            numbers.push_back(client.pull_tar(server.url("/image.tar.gz"), name));
        }
        const std::chrono::milliseconds delay(std::uniform_int_distribution<int>(0, 1500)(random));
        INFO("round " << round << ", killed after " << delay.count() << " ms");
        std::this_thread::sleep_for(delay);
        daemon.kill();
        daemon.kill_keepers();
        daemon.start();
        for (const std::uint32_t number : numbers) {
            const transfer::JobRecord ended = client.wait_for_end(number);
            INFO("job " << number << ": " << ended.end->text);
            CHECK(ended.state == JobState::Done);
            CHECK(ended.attempts <= 2);
        }
        CHECK(client.list().empty());
        CHECK(leftovers_at_last(daemon.pool(), names) == std::vector<std::string>{});
        for (const std::string& name : names) {
            INFO(name);
            REQUIRE(tree_differences(expected, read_image(daemon.pool() / name)) ==
                    std::vector<std::string>{});
            std::filesystem::remove_all(daemon.pool() / name);
        }
        jobs_before += kJobs;
        CHECK(client.history(10'000).size() == jobs_before);
    }
}

TEST_CASE("B10: a job that was promised and not begun is there after the daemon was killed",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    TempDir tree;
    make_plain_tree(tree.path(), 3);
    HttpServer server;
    server.serve("/image.tar", pack(tree.path()));
    server.on("/image.tar", {stall_after(100)});
    TestBus bus;
    RunningDaemon daemon(bus, {.config = "[Transfers]\nRunning=1\n"});
    DaemonClient client(bus);
    const std::uint32_t first = client.pull_tar(server.url("/image.tar"), "first");
    client.wait_until(first, [](const auto& job) { return job.state == JobState::Running; });
    const std::uint32_t second = client.pull_tar(server.url("/image.tar"), "second");
    CHECK(client.list().at(1).state == JobState::Queued);
    daemon.kill();
    daemon.start();
    CHECK(client.list().size() == 2);
    CHECK(client.list().at(1).number == second);
    server.release();
    CHECK(client.wait_for_end(first).state == JobState::Done);
    CHECK(client.wait_for_end(second).state == JobState::Done);
}

TEST_CASE("B11: an import from a descriptor that everything of died is failed, and says why",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    TestBus bus;
    RunningDaemon daemon(bus, {.config = "[Transfers]\nRunning=1\n"});
    DaemonClient client(bus);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd read(ends[0]);
    const Fd write(ends[1]);
    const std::string request = R"("verb": "import-tar", "name": ")";
    const std::uint32_t running = client.submit(request + "running\"", read.get());
    client.wait_until(running, [](const auto& job) { return job.state == JobState::Running; });
    const std::uint32_t waiting = client.submit(request + "waiting\"", read.get());

    daemon.kill();
    daemon.kill_keepers();
    daemon.start();
    for (const std::uint32_t number : {running, waiting}) {
        const transfer::JobRecord ended = client.wait_for_end(number);
        CHECK(ended.state == JobState::Failed);
        CHECK_THAT(ended.end->text, contains("cannot be opened again"));
    }
    CHECK(leftovers_at_last(daemon.pool(), {}) == std::vector<std::string>{});
}

TEST_CASE("K1: a keeper that is killed fails its job with the signal named, and no other",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    TempDir tree;
    make_plain_tree(tree.path(), 3);
    HttpServer server;
    server.serve("/image.tar", pack(tree.path()));
    server.always("/image.tar", stall_after(100));
    TestBus bus;
    RunningDaemon daemon(bus);
    DaemonClient client(bus);
    const std::uint32_t victim = client.pull_tar(server.url("/image.tar"), "victim");
    client.wait_until(victim, [](const auto& job) { return job.stage == "download"; });
    const pid_t keeper = keeper_of(client, victim);
    const std::uint32_t other = client.pull_tar(server.url("/image.tar"), "other");
    client.wait_until(other, [](const auto& job) { return job.stage == "download"; });

    REQUIRE(::kill(keeper, SIGKILL) == 0);
    const transfer::JobRecord ended = client.wait_for_end(victim);
    CHECK(ended.state == JobState::Failed);
    CHECK(ended.end->kind == "internal");
    CHECK_THAT(ended.end->text, contains("signal 9 (Killed)"));
    CHECK(client.list().size() == 1);
    server.release();
    CHECK(client.wait_for_end(other).state == JobState::Done);
    CHECK(leftovers_at_last(daemon.pool(), {"other"}) == std::vector<std::string>{});
}

TEST_CASE("B12: a queue file that is damaged or of a newer version is set aside, and what still "
          "runs is adopted",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const bool newer = GENERATE(false, true);
    TempDir tree;
    make_plain_tree(tree.path(), 3);
    HttpServer server;
    server.serve("/image.tar", pack(tree.path()));
    server.always("/image.tar", stall_after(100));
    TestBus bus;
    RunningDaemon daemon(bus);
    DaemonClient client(bus);
    const std::uint32_t number = client.pull_tar(server.url("/image.tar"), "image");
    client.wait_until(number, [](const auto& job) { return job.stage == "download"; });
    daemon.kill();
    const std::filesystem::path queue = daemon.state() / "queue.db";
    if (newer) {
        run_ok({"python3", "-c",
                "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("
                "'PRAGMA user_version = 99')",
                queue.string()});
    } else {
        std::filesystem::remove(daemon.state() / "queue.db-wal");
        write_file(queue, std::string(8192, 'x'));
    }
    daemon.start();
    REQUIRE(client.list().size() == 1);
    CHECK_THAT(daemon.log(), contains("was set aside as"));
    CHECK(client.list().at(0).number == number);
    CHECK(client.list().at(0).stage == "download");
    server.release();
    CHECK(client.wait_for_end(number).state == JobState::Done);
    CHECK(tree_differences(read_tree(tree.path()), read_image(daemon.pool() / "image")) ==
          std::vector<std::string>{});
    CHECK(client.pull_tar(server.url("/image.tar"), "next") > number);
}

TEST_CASE("B12: a job that ended while its queue was lost has ended, once and for all",
          "[e2e][daemon][crash]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    TempDir tree;
    make_plain_tree(tree.path(), 3);
    HttpServer server;
    server.serve("/image.tar", pack(tree.path()));
    server.always("/image.tar", stall_after(100));
    TestBus bus;
    RunningDaemon daemon(bus);
    DaemonClient client(bus);
    const std::uint32_t number = client.pull_tar(server.url("/image.tar"), "image");
    client.wait_until(number, [](const auto& job) { return job.stage == "download"; });
    daemon.kill();
    std::filesystem::remove_all(daemon.state());
    server.release();
    for (int i = 0; i < 200 && !daemon.keepers().empty(); ++i) {
        std::this_thread::sleep_for(50ms);
    }
    REQUIRE(std::filesystem::exists(daemon.pool() / "image"));

    daemon.start();
    CHECK(client.wait_for_end(number).state == JobState::Done);
    daemon.restart(); // everything that waited is written
    CHECK(client.list().empty());
    const std::vector<transfer::JobRecord> history = client.history();
    REQUIRE(history.size() == 1);
    CHECK(history.front().state == JobState::Done);
    CHECK(history.front().attempts == 1);
    CHECK(server.requests("/image.tar").size() == 1);
}
