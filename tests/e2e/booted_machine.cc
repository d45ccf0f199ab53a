// Machines are told apart from those of other tests by their names: control groups and links are
// the host's.

#include "tests/e2e/booted_machine.hh"

#include <csignal>
#include <stdexcept>

#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include "base/wait.hh"
#include "spawn/cgroup.hh"
#include "spawn/process_id.hh"
#include "spawn/undo.hh"
#include "storage/lock.hh"
#include "volume/subvolume.hh"

namespace slipway::tests {
namespace {

namespace fs = std::filesystem;
using machine::Undo;

std::vector<fs::path> cgroup_roots() {
    std::vector<fs::path> roots;
    for (const fs::path root :
         {"/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"}) {
        if (fs::exists(root / "cgroup.procs")) {
            roots.push_back(root);
        }
    }
    return roots;
}

std::string new_name() {
    static int count = 0;
    return fmt::format("t{}-{}", ::getpid(), ++count);
}

} // namespace

std::optional<std::string> no_machines() {
    for (const char* needed : {"/usr/bin/systemd-nspawn", "/bin/busybox"}) {
        if (::access(needed, X_OK) < 0) {
            return std::string(needed) + " is not installed";
        }
    }
    if (cgroup_roots().empty() || ::access(cgroup_roots().front().c_str(), W_OK) < 0) {
        return "control groups cannot be made here";
    }
    if (auto why = no_mounts()) {
        return why;
    }
    return use_private_run();
}

void make_busybox_tree(const fs::path& root) {
    for (const char* directory : {"bin", "sbin", "etc", "proc", "sys", "dev", "tmp", "run", "root",
                                  "var", "usr/bin", "usr/lib"}) {
        fs::create_directories(root / directory);
    }
    fs::copy_file("/bin/busybox", root / "bin/busybox");
    for (const char* applet : {"cat", "echo", "env", "false", "grep", "hostname", "id", "kill",
                               "ls", "pwd", "sh", "sleep", "stty", "touch", "true", "tty"}) {
        fs::create_symlink("busybox", root / "bin" / applet);
    }
    fs::create_symlink("../bin/busybox", root / "sbin/init");
    write_file(root / "etc/os-release", "ID=busybox\nVERSION_ID=\"1.35\"\n");
    write_file(root / "etc/inittab", "::sysinit:/bin/echo up and running\n");
    write_file(root / "etc/passwd",
               "root:x:0:0::/root:/bin/sh\nuser:x:1000:1000::/nowhere:/bin/sh\n");
}

machine::LaunchPlan plan_of(const fs::path& root, std::vector<std::string> flags) {
    machine::LaunchPlan plan;
    plan.machine = new_name();
    plan.image = root.filename();
    plan.root = root;
    plan.boots = true;
    plan.arguments = {"/usr/bin/systemd-nspawn",
                      "--quiet",
                      "--register=no",
                      "--keep-unit",
                      "--settings=override",
                      "--machine=" + plan.machine,
                      "--directory=" + root.string()};
    plan.arguments.insert(plan.arguments.end(), flags.begin(), flags.end());
    plan.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_NSPAWN_LOCK=0",
                        "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1"};
    plan.undo = {{Undo::Kind::RemoveDirectory, "/run/systemd/nspawn/propagate/" + plan.machine},
                 {Undo::Kind::RemoveLink, "ve-" + plan.machine}};
    for (const fs::path& place : cgroup_roots()) {
        plan.cgroups.push_back(place / "slipway" / plan.machine);
        plan.undo.push_back({Undo::Kind::RemoveCgroup, plan.cgroups.back().string()});
    }
    return plan;
}

BusyboxMachine::BusyboxMachine(const std::string& flag) {
    make_busybox_tree(pool / "bb");
    plan = plan_of(pool / "bb", {"--boot", "--private-network", flag});
}

BusyboxMachine::BusyboxMachine(const LoopFs& fs) : pool(fs) {
    if (fs.type() == "btrfs") {
        volume::make_subvolume(pool.open().fd(), "bb");
    }
    make_busybox_tree(pool / "bb");
    plan = plan_of(pool / "bb", {"--boot", "--private-network", "--private-users=no"});
}

BusyboxMachine::~BusyboxMachine() {
    try {
        const spawn::Registry machines;
        if (const auto machine = machines.find(name())) {
            spawn::signal_process(machine->supervisor, SIGKILL);
            const Fd supervisor = spawn::open_process(machine->supervisor);
            if (supervisor) {
                wait_for(supervisor.get(), POLLIN, {},
                         std::chrono::steady_clock::now() + kPatience);
            }
        }
        machines.clean_up_dead();
        spawn::undo(plan.undo);
    } catch (const std::exception& error) {
        fmt::print(stderr, "machine {}: {}\n", name(), error.what());
    }
}

spawn::MachineRecord BusyboxMachine::record() const {
    return spawn::Registry().find(name()).value();
}

std::string BusyboxMachine::console() const {
    const fs::path file = spawn::Registry().directory_of(name()) / "console";
    return fs::exists(file) ? read_file(file) : "";
}

void BusyboxMachine::wait_for_console(const std::string& text) const {
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (console().find(text) == std::string::npos) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the console says: " + console());
        }
        ::poll(nullptr, 0, 20); // a file tells nobody that it grows
    }
}

RunResult BusyboxMachine::slipway(std::vector<std::string> words) const {
    words.insert(words.begin(), program("slipway").string());
    return run(words, {.patience = std::chrono::seconds(200)});
}

RunResult BusyboxMachine::shell(const std::vector<std::string>& words,
                                const std::string& input) const {
    std::vector<std::string> command{program("slipway").string(), "shell", "--quiet", name()};
    command.insert(command.end(), words.begin(), words.end());
    return run(command, {.input = input, .patience = std::chrono::seconds(200)});
}

std::vector<std::string> BusyboxMachine::traces() const {
    std::vector<std::string> found;
    for (const fs::path& group : plan.cgroups) {
        for (const pid_t pid : spawn::processes_of(group)) {
            found.push_back(fmt::format("process {}", pid));
        }
        if (fs::exists(group)) {
            found.push_back(group);
        }
    }
    if (::if_nametoindex(("ve-" + name()).c_str()) != 0) {
        found.push_back("ve-" + name());
    }
    if (read_file("/proc/self/mountinfo").find(name()) != std::string::npos) {
        found.emplace_back("a mount");
    }
    for (const auto& entry : fs::recursive_directory_iterator("/run")) {
        if (entry.path().string().find(name()) != std::string::npos ||
            entry.path().string().find("/locks/inode-") != std::string::npos) {
            found.push_back(entry.path());
        }
    }
    for (const std::string& entry : pool.entries()) {
        if (entry != "bb" && entry != "bb.raw") {
            found.push_back("in the pool: " + entry);
        }
    }
    return found;
}

} // namespace slipway::tests
