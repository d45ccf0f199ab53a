// Machines on record, alive and dead.

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "spawn/machine_record.hh"
#include "spawn/registry.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

namespace fs = std::filesystem;

MachineRecord record_of(const std::string& name) {
    return {.name = name,
            .image = name,
            .root = "/nowhere/" + name,
            .supervisor = find_process(::getpid()).value(),
            .leader = ProcessId{12, 34},
            .state = RunState::Running,
            .is_ready = true,
            .cgroups = {"/sys/fs/cgroup/x"},
            .undo = {},
            .poweroff_signal = "SIGTERM",
            .started_us = 5,
            .booted_us = 6};
}

// A supervisor that is killed after it has written down `record`.
void leave_dead(const Registry& registry, MachineRecord record) {
    const pid_t child = ::fork();
    if (child == 0) {
        record.supervisor = find_process(::getpid()).value();
        const Claim claim = registry.claim(record.name);
        claim.write(record);
        ::kill(::getpid(), SIGKILL);
    }
    REQUIRE(::waitpid(child, nullptr, 0) == child);
}

} // namespace

TEST_CASE("a machine's state comes back as it was written", "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    CHECK(registry.list().empty());
    CHECK_FALSE(registry.find("web"));
    Claim claim = registry.claim("web");
    CHECK_FALSE(registry.find("web")); // nothing is known of it yet
    MachineRecord record = record_of("web");
    record.undo = {{machine::Undo::Kind::Unmount, "/x"},
                   {machine::Undo::Kind::RemoveLink, "ve-web"}};
    claim.write(record);
    const MachineRecord found = registry.find("web").value();
    CHECK(found.image == "web");
    CHECK(found.root == record.root);
    CHECK(found.supervisor == record.supervisor);
    CHECK(found.leader == record.leader);
    CHECK(found.state == RunState::Running);
    CHECK(found.is_ready);
    CHECK(found.cgroups == record.cgroups);
    CHECK(found.undo == record.undo);
    CHECK(found.poweroff_signal == "SIGTERM");
    CHECK(found.started_us == 5);
    CHECK(found.booted_us == 6);
    CHECK(registry.list().size() == 1);
    std::move(claim).close();
    CHECK_FALSE(registry.find("web"));
    CHECK_FALSE(fs::exists(registry.directory_of("web")));
}

TEST_CASE("one name is one machine at a time", "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    {
        const Claim claim = registry.claim("web");
        CHECK_THROWS_AS(registry.claim("web"), Error);
        CHECK(registry.clean_up_dead().empty()); // it is only beginning
        CHECK(fs::exists(registry.directory_of("web")));
    }
    CHECK_NOTHROW(registry.claim("web"));
}

TEST_CASE("names that would be no host name are no machines", "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    for (const char* name : {"", ".", "..", ".#x", "a/b", "a b", "-x", "a_b", "\xc3\xa4"}) {
        INFO(name);
        CHECK_THROWS_AS(registry.claim(name), Error);
        CHECK_FALSE(registry.find(name));
    }
    CHECK_THROWS_AS(registry.claim(std::string(65, 'x')), Error);
    CHECK_NOTHROW(registry.claim(std::string(64, 'x')));
}

TEST_CASE("what a killed supervisor has left is undone by whoever comes next", "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    fs::create_directory(directory / "made");
    MachineRecord record = record_of("web");
    record.undo = {{machine::Undo::Kind::RemoveDirectory, (directory / "made").string()}};
    leave_dead(registry, record);
    CHECK_FALSE(registry.find("web"));
    CHECK(registry.list().empty());

    SECTION("by a verb that looks for dead ones") {
        const auto cleaned = registry.clean_up_dead();
        REQUIRE(cleaned.size() == 1);
        CHECK(cleaned.front().name == "web");
        CHECK(cleaned.front().failures.empty());
        CHECK(registry.clean_up_dead().empty());
    }
    SECTION("by a new machine of the same name") {
        registry.claim("web").close();
    }

    CHECK_FALSE(fs::exists(directory / "made"));
    CHECK_FALSE(fs::exists(registry.directory_of("web")));
}

TEST_CASE("what cannot be undone is told, and tried again", "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    fs::create_directories(directory / "made/full");
    MachineRecord record = record_of("web");
    record.undo = {{machine::Undo::Kind::RemoveDirectory, (directory / "made").string()}};
    leave_dead(registry, record);
    CHECK(registry.clean_up_dead().at(0).failures.size() == 1);
    CHECK_THROWS_AS(registry.claim("web"), Error);
    fs::remove(directory / "made/full");
    CHECK(registry.clean_up_dead().at(0).failures.empty());
    CHECK_FALSE(fs::exists(directory / "made"));
}

TEST_CASE("a state that cannot be read belongs to no machine and goes when its owner has",
          "[spawn]") {
    const TempDir directory;
    const Registry registry(directory / "machines");
    for (const char* text : {"", "{}", "[1", "{\"version\":2}"}) {
        fs::create_directories(registry.directory_of("web"));
        write_file(registry.directory_of("web") / "state.json", text);
        CHECK(registry.list().empty());
        CHECK(registry.clean_up_dead().size() == 1);
        CHECK_FALSE(fs::exists(registry.directory_of("web")));
    }
}
