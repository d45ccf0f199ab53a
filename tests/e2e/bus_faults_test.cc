// Group B of the faults with whole jobs: the daemon, its keepers, and a bus that can be killed.

#include <algorithm>
#include <chrono>

#include <unistd.h>

#include "base/bus.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/http_server.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/test_bus.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

struct Stage {
    TempDir place;
    std::filesystem::path tree = place / "tree";
    HttpServer server;
    TestBus bus;

    Stage() {
        std::filesystem::create_directory(tree);
        make_large_tree(tree, 300'000);
        server.serve("/web.tar", pack(tree));
        server.serve("/other.tar", pack(tree));
    }

    RunResult manager(const std::vector<std::string>& arguments) const {
        std::vector<std::string> command{"busctl",
                                         "--system",
                                         "call",
                                         "org.freedesktop.import1",
                                         "/org/freedesktop/import1",
                                         "org.freedesktop.import1.Manager"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return bus.run(command);
    }
    RunResult pull(const std::string& file, const std::string& name) const {
        return manager({"PullTar", "sssb", server.url("/" + file), name, "no", "false"});
    }
    bool is_idle() const { return manager({"ListTransfers"}).out == "a(usssdo) 0\n"; }
    template <typename Ready>
    static bool wait_until(const Ready& ready) {
        for (int i = 0; i < 600; ++i) {
            if (ready()) {
                return true;
            }
            ::usleep(50'000);
        }
        return false;
    }
};

// Hears the ends of transfers: "7 canceled".
class Ends {
public:
    explicit Ends(const TestBus& bus) : connection_(open(bus)) {
        subscription_ = connection_.subscribe(
            "type='signal',member='TransferRemoved'", [this](bus::Incoming signal) {
                const auto [number, path, result] =
                    signal.read<std::uint32_t, bus::ObjectPath, std::string>();
                heard.push_back(std::to_string(number) + " " + result);
            });
    }
    bool wait(std::size_t count, std::chrono::milliseconds longest) {
        const auto deadline = std::chrono::steady_clock::now() + longest;
        while (heard.size() < count && std::chrono::steady_clock::now() < deadline) {
            connection_.process();
            ::usleep(2'000);
        }
        return heard.size() >= count;
    }
    std::vector<std::string> heard;

private:
    static bus::Connection open(const TestBus& bus) {
        ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
        return bus::Connection::open_system_bus();
    }

    bus::Connection connection_;
    bus::Subscription subscription_;
};

} // namespace

TEST_CASE("B9: a transfer is canceled within a second in every state, and leaves nothing",
          "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Stage stage;
    RunningDaemon daemon(stage.bus, {.config = "[Transfers]\nRunning=1\n"});
    Ends ends(stage.bus);
    // The first runs and waits for the server, in its head or in its body; the second is queued.
    const bool in_head = GENERATE(true, false);
    stage.server.always("/web.tar", in_head ? stall_in_header(5) : stall_after(100'000));
    REQUIRE(stage.pull("web.tar", "first").status == 0);
    REQUIRE(stage.pull("other.tar", "second").status == 0);
    stage.server.wait_for_requests("/web.tar", 1);

    CHECK(stage.manager({"CancelTransfer", "u", "2"}).status == 0);
    REQUIRE(ends.wait(1, 1s));
    CHECK(ends.heard.back() == "2 canceled");
    CHECK(stage.manager({"CancelTransfer", "u", "1"}).status == 0);
    REQUIRE(ends.wait(2, 1s));
    CHECK(ends.heard.back() == "1 canceled");
    CHECK(stage.manager({"CancelTransfer", "u", "1"}).err == "Call failed: No transfer by id 1\n");

    // One end each, and nothing in the pool or behind it.
    CHECK_FALSE(ends.wait(3, 300ms));
    CHECK(std::filesystem::is_empty(daemon.pool()));
    CHECK(stage.wait_until([&daemon] { return daemon.keepers().empty(); }));
    CHECK(stage.server.requests("/other.tar").empty());
}

TEST_CASE("B9: a cancel that comes too late is done all the same", "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Stage stage;
    const RunningDaemon daemon(stage.bus);
    Ends ends(stage.bus);
    REQUIRE(stage.pull("web.tar", "web").status == 0);
    REQUIRE(ends.wait(1, 30s));
    CHECK(ends.heard == std::vector<std::string>{"1 done"});
    CHECK_THAT(stage.manager({"CancelTransfer", "u", "1"}).err, contains("No transfer by id 1"));
    CHECK(differences(stage.tree, daemon.pool() / "web") == Lines{});
}

TEST_CASE("B2: two daemons on one bus: the second says who the first is", "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const Stage stage;
    const RunningDaemon daemon(stage.bus);
    const TempDir other;
    const RunResult second =
        stage.bus.run({program("slipway-importd").string(), "--state=" + (other / "s").string(),
                       "--runtime=" + (other / "r").string(), "--import1=yes"});
    CHECK(second.status == exit_status(Kind::Busy));
    CHECK_THAT(second.err, contains("'io.slipway.Importd' on the bus belongs to :"));
    CHECK_THAT(second.err, contains("process " + std::to_string(daemon.pid())));
    CHECK_THAT(second.err, contains("slipway-importd"));
}

TEST_CASE("B7: the bus dies, the keepers go on, and the next daemon knows their jobs",
          "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Stage stage;
    stage.server.on("/web.tar", {stall_after(100'000)});
    RunningDaemon daemon(stage.bus);
    REQUIRE(stage.pull("web.tar", "web").status == 0);
    stage.server.wait_for_requests("/web.tar", 1);
    stage.bus.kill();
    const auto end = daemon.process().wait_for(10s);
    REQUIRE(end);
    INFO(daemon.log());
    CHECK_THAT(daemon.log(), contains("the bus has gone"));
    CHECK(end->code != 0); // so that a service manager starts it again
    CHECK(daemon.keepers().size() == 1);

    stage.bus.restart();
    daemon.start();
    Ends ends(stage.bus);
    CHECK_THAT(stage.manager({"ListTransfers"}).out, contains("a(usssdo) 1 1 \"pull-tar\""));
    stage.server.release();
    REQUIRE(ends.wait(1, 30s));
    CHECK(ends.heard == std::vector<std::string>{"1 done"});
    CHECK(differences(stage.tree, daemon.pool() / "web") == Lines{});
    CHECK(stage.server.requests("/web.tar").size() == 1); // downloaded once
}
