// Machines as services of the host's systemd: this system once more is that host, and machines of
// busybox run in it. The real machinectl sees what ours does, and the other way round. There is no
// udev in it, so that machines from disks cannot be tried here.

#include <optional>

#include <fmt/format.h>
#include <poll.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/e2e/systemd_host.hh"
#include "tests/support/running_program.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;
using Lines = std::vector<std::string>;

std::optional<std::string> why_not() {
    if (auto why = no_machines()) {
        return why;
    }
    return no_systemd_host();
}

// Booted once for each test: it takes seconds.
class Host {
public:
    Host() {
        make_busybox_tree(host.pool() / "web");
        fs::create_directories(host.root() / "opt/slipway");
        for (const char* name : {"slipway", "slipway-supervise"}) {
            fs::copy_file(program(name), host.root() / "opt/slipway" / name);
        }
    }

    RunResult slipway(std::vector<std::string> words) const {
        words.insert(words.begin(), "/opt/slipway/slipway");
        return host.run(words);
    }
    std::string slipway_ok(std::vector<std::string> words) const {
        words.insert(words.begin(), "/opt/slipway/slipway");
        return host.run_ok(words);
    }
    std::string property(const std::string& machine, const std::string& name) const {
        const RunResult shown =
            host.run({"machinectl", "show", "--value", "--property=" + name, machine});
        return shown.out.substr(0, shown.out.find('\n'));
    }
    std::string unit_property(const std::string& unit, const std::string& name) const {
        const std::string shown =
            host.run_ok({"systemctl", "show", "--value", "--property=" + name, unit});
        return shown.substr(0, shown.find('\n'));
    }
    // Nobody can be told when a machine that machined knows has another first process.
    void wait_for_leader_after(const std::string& machine, const std::string& leader) const {
        const auto deadline = std::chrono::steady_clock::now() + BusyboxMachine::kPatience;
        for (;;) {
            const std::string now = property(machine, "Leader");
            if (!now.empty() && now != leader) {
                return;
            }
            REQUIRE(std::chrono::steady_clock::now() < deadline);
            ::poll(nullptr, 0, 50);
        }
    }
    // What machines leave.
    Lines traces() const {
        Lines found;
        for (const auto& entry : fs::directory_iterator(host.pool())) {
            if (entry.path().filename() != "web") {
                found.push_back(entry.path().filename());
            }
        }
        const RunResult units =
            host.run({"systemctl", "list-units", "--all", "--plain", "--no-legend", "slipway-*"});
        if (!units.out.empty()) {
            found.push_back(units.out);
        }
        const RunResult files = host.run({"find", "/run/slipway", "-mindepth", "1", "-type", "f"});
        if (!files.out.empty()) {
            found.push_back(files.out);
        }
        return found;
    }

    SystemdHost host;
};

} // namespace

TEST_CASE("on a host with systemd a machine is a service of it", "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    const RunResult started = host.slipway({"start", "web"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK(host.property("web", "Unit") == "systemd-nspawn@web.service");
    CHECK(host.property("web", "State") == "running");
    CHECK_THAT(host.slipway_ok({"list"}), contains("web") && contains("busybox"));
    CHECK_THAT(host.slipway_ok({"log", "web"}), contains("up and running"));
    const RunResult console = host.slipway({"console", "web"});
    CHECK(console.status == exit_status(Kind::Unsupported));
    CHECK_THAT(console.err,
               contains("systemd-nspawn@web.service") && contains("slipway login web"));
    const std::string status = host.slipway_ok({"status", "web"});
    CHECK_THAT(status, contains("Unit: systemd-nspawn@web.service"));
    CHECK_THAT(status, contains("(busybox)"));
    CHECK_THAT(status, contains("Root: /var/lib/machines/web"));

    const RunResult again = host.slipway({"start", "web"});
    CHECK(again.status == exit_status(Kind::Busy));
    CHECK_THAT(again.err, contains("machine 'web' runs already"));

    CHECK(host.slipway({"shell", "-q", "web", "sh", "-c", "exit 7"}).status == 7);
    CHECK(host.slipway({"shell", "-q", "web", "cat", "/etc/os-release"}).out ==
          read_file(host.host.pool() / "web/etc/os-release"));

    const std::string leader = host.property("web", "Leader");
    host.slipway_ok({"reboot", "web"});
    host.wait_for_leader_after("web", leader);
    CHECK(host.unit_property("systemd-nspawn@web.service", "NRestarts") == "1");

    std::vector<std::string> follow =
        host.host.inside({"/opt/slipway/slipway", "log", "--follow", "-n1", "web"});
    follow.front() = "/usr/bin/nsenter";
    Running log(follow);
    log.wait_for_output("up and running");
    host.slipway_ok({"poweroff", "web"});
    CHECK(log.wait() == 0);
    CHECK_THAT(log.out(), contains("The system is going down NOW!"));
    CHECK(host.unit_property("systemd-nspawn@web.service", "ActiveState") == "inactive");
    CHECK(host.host.run({"machinectl", "show", "web"}).status != 0);
    CHECK_THAT(host.slipway_ok({"list"}), contains("No machines"));
    CHECK(host.slipway({"poweroff", "web"}).status == exit_status(Kind::NotFound));
    CHECK(host.traces() == Lines{});
}

TEST_CASE("what is asked for a single start makes a transient unit", "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    const RunResult started = host.slipway({"start", "web", "--machine=other"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    const std::string unit = "slipway-nspawn-other.service";
    CHECK(host.property("other", "Unit") == unit);
    CHECK(host.unit_property(unit, "Transient") == "yes");
    CHECK(host.unit_property(unit, "Slice") == "machine.slice");
    CHECK(host.unit_property(unit, "Delegate") == "yes");
    CHECK(host.unit_property(unit, "TasksMax") == "16384");
    CHECK(host.unit_property(unit, "WatchdogUSec") == "3min");
    CHECK(host.unit_property(unit, "RestartForceExitStatus") == "133");
    CHECK(host.unit_property(unit, "DevicePolicy") == "closed");
    CHECK_THAT(host.host.run_ok({"systemctl", "show", "--property=DeviceAllow", unit}),
               contains("/dev/net/tun rwm") && contains("char-pts rw"));

    SECTION("it comes back from a reboot, and powers off") {
        const std::string leader = host.property("other", "Leader");
        host.slipway_ok({"reboot", "other"});
        host.wait_for_leader_after("other", leader);
        CHECK(host.property("other", "Unit") == unit);
        host.slipway_ok({"poweroff", "other"});
    }
    SECTION("it is terminated") {
        host.slipway_ok({"terminate", "other"});
    }
    SECTION("its first process is killed") {
        host.slipway_ok({"kill", "--kill-whom=leader", "--signal=SIGKILL", "other"});
        const RunResult gone = host.slipway({"terminate", "other"});
        CHECK((gone.status == 0 || gone.status == exit_status(Kind::NotFound)));
    }
    CHECK(host.host.run({"machinectl", "show", "other"}).status != 0);
    CHECK(host.traces() == Lines{});
}

TEST_CASE("what a unit's machine leaves is undone at its end, and not at a reboot",
          "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    fs::create_directories(host.host.root() / "etc/systemd/nspawn");
    write_file(host.host.root() / "etc/systemd/nspawn/web.nspawn",
               "[Network]\nVirtualEthernet=yes\nPort=tcp:18099:80\n");
    const RunResult started = host.slipway({"start", "web", "--machine=other"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    const std::string unit = "slipway-undo-other.service";
    CHECK(host.unit_property(unit, "ActiveState") == "active");
    CHECK_THAT(host.unit_property("slipway-nspawn-other.service", "Requires"), contains(unit));
    CHECK_THAT(host.host.run_ok({"systemctl", "show", "--property=ExecStop", unit}),
               contains("slipway-supervise --undo") && contains("tcp 18099"));

    const std::string invocation = host.unit_property(unit, "InvocationID");
    const std::string leader = host.property("other", "Leader");
    host.slipway_ok({"reboot", "other"});
    host.wait_for_leader_after("other", leader);
    CHECK(host.unit_property(unit, "ActiveState") == "active");
    CHECK(host.unit_property(unit, "InvocationID") == invocation);

    host.slipway_ok({"poweroff", "other"});
    CHECK_THAT(host.host.run_ok({"journalctl", "--quiet", "--output=cat", "--unit=" + unit}),
               contains("Stopped"));
    CHECK(host.traces() == Lines{});
}

TEST_CASE("slipway-supervise undoes the list that it is given", "[e2e][spawn]") {
    const TempDir place;
    fs::create_directories(place / "tree/below");
    const auto undo = [](const std::string& list) {
        return run({program("slipway-supervise").string(), "--undo", list}, {});
    };
    const std::string tree = (place / "tree").string();
    CHECK(undo(R"([{"kind":"remove-tree","what":")" + tree + R"("}])").status == 0);
    CHECK_FALSE(fs::exists(tree));
    write_file(place / "file", "");
    const RunResult failed =
        undo(R"([{"kind":"remove-directory","what":")" + place.path().string() + R"("}])");
    CHECK(failed.status == 1);
    CHECK_THAT(failed.err, contains("cannot remove the directory"));
    CHECK(undo("[").status != 0);
}

TEST_CASE("machinectl and ours deal with each other's machines", "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    host.host.run_ok({"machinectl", "start", "web"});
    CHECK_THAT(host.slipway_ok({"list"}), contains("web"));
    CHECK(host.slipway({"shell", "-q", "web", "false"}).status == 1);
    host.slipway_ok({"terminate", "web"});
    CHECK(host.host.run_ok({"machinectl", "list", "--no-legend"}).empty());

    host.slipway_ok({"start", "web"});
    CHECK_THAT(host.host.run_ok({"machinectl", "list", "--no-legend"}), contains("web"));
    host.host.run_ok({"machinectl", "terminate", "web"});
}

TEST_CASE("a unit that fails is told with the engine's own words", "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    fs::remove(host.host.pool() / "web/etc/os-release");
    const std::string machine = GENERATE("web", "other");
    const RunResult started = host.slipway({"start", "web", "--machine=" + machine});
    CHECK(started.status != 0);
    CHECK_THAT(started.err, contains(fmt::format("machine '{}' did not start", machine)) &&
                                contains("os-release") && contains("journalctl -u"));
    CHECK(host.traces() == Lines{});
}

TEST_CASE("enable and disable make and remove the links that machinectl does", "[e2e][spawn]") {
    if (auto why = why_not()) {
        SKIP(*why);
    }
    const Host host;
    const auto links = [&host] {
        return host.host.run_ok({"find", "/etc/systemd/system", "-type", "l", "-name",
                                 "systemd-nspawn*", "-printf", "%p %l\\n"});
    };
    const std::string before = links();
    host.host.run_ok({"machinectl", "enable", "web"});
    const std::string enabled = links();
    host.host.run_ok({"machinectl", "disable", "web"});
    const std::string disabled = links();
    REQUIRE_THAT(enabled, contains("machines.target.wants/systemd-nspawn@web.service"));

    REQUIRE(disabled == before);
    const RunResult ours = host.slipway({"enable", "web"});
    INFO(ours.err);
    CHECK(ours.status == 0);
    CHECK(links() == enabled);
    // Without it no machine is started at boot; machinectl enables it from systemd 253 on.
    CHECK(host.unit_property("machines.target", "UnitFileState") == "enabled");
    CHECK_THAT(ours.err, contains("systemd-nspawn@web.service"));
    CHECK(host.slipway({"disable", "web"}).status == 0);
    CHECK(links() == disabled);

    CHECK(host.slipway({"enable", "nope"}).status == exit_status(Kind::NotFound));
    CHECK(host.slipway({"enable", "a_b"}).status == exit_status(Kind::InvalidArgument));
    CHECK(links() == disabled);
}

TEST_CASE("where no systemd runs, enable says what to do instead", "[e2e][spawn]") {
    if (fs::exists("/run/systemd/system")) {
        SKIP("systemd runs here");
    }
    for (const char* verb : {"enable", "disable"}) {
        const RunResult refused = run({program("slipway").string(), verb, "web"}, {});
        CHECK(refused.status == exit_status(Kind::Unsupported));
        CHECK_THAT(refused.err, contains("'slipway start web'") && contains("start scripts"));
    }
}
