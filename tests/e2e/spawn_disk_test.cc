// Machines from disks: mounted by the supervisor, since the engine would wait for udev.

#include <csignal>

#include <fmt/format.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "spawn/process_id.hh"
#include "spawn/registry.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

// A disk with a small system on it, as `slipway start` finds it in a pool.
class DiskMachine {
public:
    DiskMachine() {
        static int count = 0;
        name_ = fmt::format("d{}-{}", ::getpid(), ++count);
        make_busybox_tree(tree_ / "root");
        run_ok({"mke2fs", "-q", "-t", "ext4", "-d", (tree_ / "root").string(), disk().string(),
                "32M"});
    }
    ~DiskMachine() { slipway({"terminate", name_}); }
    DiskMachine(const DiskMachine&) = delete;
    DiskMachine& operator=(const DiskMachine&) = delete;

    const std::string& name() const noexcept { return name_; }
    std::filesystem::path disk() const { return pool_ / (name_ + ".raw"); }

    RunResult slipway(std::vector<std::string> words) const {
        words.insert(words.begin(), program("slipway").string());
        return run(words, {.patience = std::chrono::seconds(200)});
    }
    RunResult start(const std::vector<std::string>& options = {}) const {
        std::vector<std::string> words{"start", "--engine=nspawn-direct", "--pool",
                                       pool_.path().string(), name_};
        words.insert(words.end(), options.begin(), options.end());
        return slipway(words);
    }

    /// Mounts, loop devices and files of it that are still there.
    std::vector<std::string> traces() const {
        std::vector<std::string> found;
        if (read_file("/proc/self/mountinfo").find(name_) != std::string::npos) {
            found.emplace_back("a mount");
        }
        if (run_ok({"losetup", "--noheadings", "--output", "BACK-FILE"}).find(name_) !=
            std::string::npos) {
            found.emplace_back("a loop device");
        }
        if (exists(spawn::Registry().directory_of(name_))) {
            found.emplace_back("its directory");
        }
        for (const std::string& entry : pool_.entries()) {
            if (entry != name_ + ".raw") {
                found.push_back("in the pool: " + entry);
            }
        }
        return found;
    }

private:
    TempDir tree_;
    TempPool pool_;
    std::string name_;
};

} // namespace

TEST_CASE("a disk boots, keeps what the machine writes, and is put away", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const DiskMachine machine;
    const RunResult started = machine.start();
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK(started.err == ""); // its init says nothing of being ready, and is not waited for
    CHECK(machine.slipway({"shell", "-q", machine.name(), "sh", "-c", "echo kept > /root/kept"})
              .status == 0);
    CHECK(machine.start().status == exit_status(Kind::Busy));
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(machine.traces() == std::vector<std::string>{});
    CHECK(run_ok({"debugfs", "-R", "cat /root/kept", machine.disk().string()}) == "kept\n");
    CHECK(run({"e2fsck", "-fn", machine.disk().string()}).status == 0);
    // Private users are the machine's: on the disk their root is root.
    CHECK_THAT(run_ok({"debugfs", "-R", "stat /root/kept", machine.disk().string()}),
               contains("User:     0   Group:     0"));
}

TEST_CASE("a killed supervisor's disk is put away by the next verb", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const DiskMachine machine;
    REQUIRE(machine.start().status == 0);
    const auto record = spawn::Registry().find(machine.name()).value();
    const Fd supervisor = spawn::open_process(record.supervisor);
    REQUIRE(spawn::signal_process(record.supervisor, SIGKILL));
    REQUIRE(wait_for(supervisor.get(), POLLIN, {},
                     std::chrono::steady_clock::now() + BusyboxMachine::kPatience));
    CHECK(machine.slipway({"list"}).status == 0);
    CHECK(machine.traces() == std::vector<std::string>{});
    CHECK(machine.start().status == 0);
}

TEST_CASE("what is no disk with a system is refused, and nothing of it is left", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const DiskMachine machine;
    write_file(machine.disk(), std::string(1 << 20, 'x'));
    const RunResult refused = machine.start();
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err, contains("cannot mount the disk"));
    CHECK(machine.traces() == std::vector<std::string>{});
}
