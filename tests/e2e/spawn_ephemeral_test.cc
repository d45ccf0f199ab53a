// Machines on a clone that goes with them.

#include <csignal>

#include "base/error.hh"
#include "base/wait.hh"
#include "spawn/process_id.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;

void start(const BusyboxMachine& machine) {
    const RunResult started = machine.slipway(
        {"start", "--pool", machine.pool.path(), "-M", machine.name(), "--ephemeral", "bb"});
    INFO(started.err);
    REQUIRE(started.status == 0);
}

// Of its file system: whether users are mapped there is the kernel's business.
struct OnFileSystem {
    explicit OnFileSystem(const std::string& type) : fs(type, 128 * MiB), machine(fs) {}
    LoopFs fs;
    BusyboxMachine machine;
};

} // namespace

TEST_CASE("an ephemeral machine leaves nothing, and its image as it was", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string type = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    INFO(type);
    const OnFileSystem on(type);
    const BusyboxMachine& machine = on.machine;
    const Tree before = read_tree(machine.pool / "bb");
    start(machine);
    CHECK(machine.shell({"sh", "-c", "echo new >/etc/new"}).status == 0);
    CHECK(machine.shell({"cat", "/etc/new"}).out == "new\n");
    CHECK_FALSE(std::filesystem::exists(machine.pool / "bb/etc/new"));
    // Whoever sweeps the pool meanwhile does not take it.
    CHECK(storage::sweep(machine.pool.open()).removed == 0);
    CHECK(machine.shell({"cat", "/etc/new"}).out == "new\n");
    // The image itself is free for another.
    CHECK_NOTHROW(storage::ImageLock(machine.pool.open(), "bb", storage::LockMode::Exclusive));
    CHECK(machine.slipway({"list-images", "--pool", machine.pool.path(), "--no-legend"})
              .out.starts_with("bb "));

    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(machine.traces() == Lines{});
    CHECK(tree_differences(before, read_tree(machine.pool / "bb")) == Lines{});
}

TEST_CASE("of an ephemeral machine whose supervisor was killed the next verb leaves nothing",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string type = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    INFO(type);
    const OnFileSystem on(type);
    const BusyboxMachine& machine = on.machine;
    const Tree before = read_tree(machine.pool / "bb");
    start(machine);
    const spawn::MachineRecord record = machine.record();
    const Fd supervisor = spawn::open_process(record.supervisor);
    spawn::signal_process(record.supervisor, SIGKILL);
    REQUIRE(wait_for(supervisor.get(), POLLIN, {},
                     std::chrono::steady_clock::now() + BusyboxMachine::kPatience));
    const RunResult listed = machine.slipway({"list"});
    INFO(listed.err);
    CHECK_THAT(listed.err, contains("is cleaned up"));
    CHECK(machine.traces() == Lines{});
    CHECK(tree_differences(before, read_tree(machine.pool / "bb")) == Lines{});
}

TEST_CASE("ephemeral machines of one image have names of their own", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const BusyboxMachine machine;
    const auto start_one = [&machine] {
        const RunResult started =
            machine.slipway({"start", "--pool", machine.pool.path(), "-x", "bb"});
        INFO(started.err);
        REQUIRE(started.status == 0);
        const std::size_t at = started.err.find("it is called 'bb-");
        REQUIRE(at != started.err.npos);
        return started.err.substr(at + 14, 11);
    };
    const std::string one = start_one();
    const std::string other = start_one();
    CHECK(one != other);
    CHECK(machine.slipway({"poweroff", one, other}).status == 0);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("an image that somebody writes is not cloned for a machine", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    BusyboxMachine machine;
    machine.boot();
    const RunResult refused =
        machine.slipway({"start", "--pool", machine.pool.path(), "-x", "-M", "other", "bb"});
    CHECK(refused.status == exit_status(Kind::Busy));
    REQUIRE(machine.slipway({"terminate", machine.name()}).status == 0);
    CHECK(machine.traces() == Lines{});
}
