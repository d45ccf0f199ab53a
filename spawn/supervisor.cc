// What has to be undone is on record before it is done, so that a supervisor that is killed at any
// instruction leaves nothing that nobody knows of.

#include "spawn/supervisor.hh"

#include <algorithm>
#include <array>
#include <csignal>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "machine/root_tree.hh"
#include "spawn/cgroup.hh"
#include "spawn/engine.hh"
#include "spawn/machine_clone.hh"
#include "spawn/machine_network.hh"
#include "spawn/plan_files.hh"
#include "spawn/seed_disk.hh"
#include "spawn/undo.hh"
#include "storage/lock.hh"

namespace slipway::spawn {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// An init that has not got as far as its signals ignores them, so it is asked until it listens.
constexpr std::chrono::seconds kAskAgain{2};

constexpr std::ptrdiff_t kFirstTold = 4; // of what is waited for

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

storage::ImageLock lock_image(const machine::LaunchPlan& plan) {
    const auto pool = storage::Pool::find(plan.root.parent_path());
    if (!pool || ::access(plan.root.c_str(), F_OK) < 0) {
        throw Error(Kind::NotFound, "there is no image {}", quoted(plan.root.string()));
    }
    return {*pool, plan.root.filename().string(),
            plan.shares_lock ? storage::LockMode::Shared : storage::LockMode::Exclusive};
}

void mount_disk(const machine::LaunchPlan& plan) {
    std::error_code error;
    fs::create_directories(plan.mount, error);
    ChildProcess dissect(
        ChildSpec{.program = plan.mount_arguments.front(),
                  .arguments = {plan.mount_arguments.begin() + 1, plan.mount_arguments.end()},
                  .fds = {},
                  .environment = {},
                  .capture_stderr = true});
    const ChildExit exit = dissect.wait();
    if (!exit.success()) {
        throw Error(Kind::Unsupported, "cannot mount the disk {}: {} {}: {}",
                    quoted(plan.root.string()), plan.mount_arguments.front(), exit.description(),
                    last_words(dissect));
    }
}

class Supervisor {
public:
    Supervisor(const Supervision& what, const Claim& claim, MachineRecord& record)
        : what_(what), claim_(claim), record_(record),
          console_(claim.directory(), take_passed(what)),
          engine_(make_engine(what.plan, claim.directory())) {}

    // Until it does not want to be booted again.
    ChildExit run() {
        for (;;) {
            const ChildExit exit = boot();
            if (!engine_->wants_reboot(exit) || stop_by_) {
                return exit;
            }
            record_.leader.reset();
            record_.is_ready = false;
            enter(RunState::Starting);
            for (const fs::path& group : what_.plan.cgroups) {
                clear_cgroup(group);
            }
        }
    }

    std::string console_words() const { return console_.last_words(); }

private:
    static std::optional<PassedDescriptors> take_passed(const Supervision& what) {
        if (!what.passed) {
            return std::nullopt;
        }
        return PassedDescriptors{what.passed->in.duplicate(), what.passed->out.duplicate(),
                                 what.passed->err.duplicate()};
    }

    ChildExit boot() {
        ChildProcess engine = engine_->start(console_);
        while (!wait(engine)) {
        }
        take_notifications(engine);
        console_.pass_on();
        const ChildExit exit = engine.wait();
        if (!was_running_) {
            throw Error(Kind::Other, "{} {} before there was a machine{}{}",
                        what_.plan.arguments.front(), exit.description(),
                        last_words(engine).empty() ? "" : ": ", last_words(engine));
        }
        return exit;
    }

    // One turn of the loop: true when the engine has ended.
    bool wait(ChildProcess& engine) {
        std::vector<pollfd> fds{
            pollfd{engine.pidfd(), POLLIN, 0}, pollfd{what_.stop_signals, POLLIN, 0},
            pollfd{console_.fd(), POLLIN, 0}, pollfd{console_.attached_fd(), POLLIN, 0}};
        for (const int told : engine_->fds()) {
            fds.push_back({told, POLLIN, 0});
        }
        if (poll_fds(fds, {}, ask_at_) == 0) {
            ask_for_poweroff();
        }
        if (fds[1].revents != 0) {
            take_stop_signal(engine);
        }
        if (fds[2].revents != 0) {
            console_.pass_on();
        }
        if (fds[3].revents != 0 && console_.serve_attached()) {
            engine.kill(SIGWINCH); // it has no terminal that would tell it
        }
        const auto has_told = [](const pollfd& one) { return one.revents != 0; };
        if (std::any_of(fds.begin() + kFirstTold, fds.end(), has_told)) {
            take_notifications(engine);
        }
        return fds[0].revents != 0;
    }

    void take_notifications(const ChildProcess& engine) {
        while (const std::optional<Notification> told = engine_->next(engine)) {
            if (told->leader) {
                record_.ssh_port = told->ssh_port;
                take_leader(*told->leader);
            }
            if (told->boots_again) {
                record_.is_ready = false;
                record_.booted_us = now_us();
                claim_.write(record_);
            }
            if (told->is_ready && !record_.is_ready) {
                record_.is_ready = true;
                claim_.write(record_);
                what_.tell(Ready{});
            }
        }
    }

    // A command can be over before its network is there.
    void set_up_network_of_leader() {
        try {
            if (record_.leader) {
                set_up_network(what_.plan, record_, claim_.directory().parent_path());
            }
        } catch (const Error&) {
            if (is_alive(*record_.leader)) {
                throw;
            }
        }
    }

    void take_leader(pid_t pid) {
        record_.leader = find_process(pid);
        set_up_network_of_leader();
        record_.booted_us = now_us();
        if (!stop_by_) {
            enter(RunState::Running);
        }
        was_running_ = true;
        what_.tell(Running{pid});
    }

    void take_stop_signal(ChildProcess& engine) {
        signalfd_siginfo info{};
        static_cast<void>(!::read(what_.stop_signals, &info, sizeof info));
        const auto signal = static_cast<int>(info.ssi_signo);
        if (signal == SIGWINCH) {
            engine.kill(SIGWINCH);
        } else if (signal == kRebootSignal) {
            if (record_.leader) {
                engine_->ask_for_reboot(*record_.leader);
            }
        } else if (!stop_by_) {
            enter(RunState::Stopping);
            stop_by_ = steady_clock::now() + what_.stop_patience;
            stop_signal_ = signal;
            ask_for_poweroff();
        } else if (!what_.plan.boots) {
            kill_everything();
        }
    }

    void ask_for_poweroff() {
        ask_at_ = steady_clock::now() + kAskAgain;
        if (!record_.leader || steady_clock::now() >= stop_by_) {
            kill_everything();
            return;
        }
        if (!engine_->ask_for_poweroff(*record_.leader, stop_signal_)) {
            ask_at_ = stop_by_;
        }
    }

    void kill_everything() {
        for (const fs::path& group : what_.plan.cgroups) {
            kill_cgroup(group);
        }
    }

    void enter(RunState state) {
        record_.state = state;
        claim_.write(record_);
    }

    const Supervision& what_;
    const Claim& claim_;
    MachineRecord& record_;
    MachineConsole console_;
    std::unique_ptr<Engine> engine_;
    Deadline stop_by_;    ///< set: it is on its way down
    Deadline ask_at_;     ///< when to ask once more
    int stop_signal_ = 0; ///< which one asked
    bool was_running_ = false;
};

// @throws Error Other: what could not be undone stays on record
void clean_up(const Claim& claim, MachineRecord& record) {
    record.state = RunState::Stopping;
    claim.write(record);
    const std::vector<NotUndone> left = undo(record.undo);
    if (left.empty()) {
        return;
    }
    record.undo.clear();
    std::string reasons;
    for (auto one = left.rbegin(); one != left.rend(); ++one) {
        record.undo.push_back(one->step);
        reasons += (reasons.empty() ? "" : "; ") + one->reason;
    }
    claim.write(record);
    throw Error(Kind::Other,
                "machine {} has ended, but left something behind, which the next verb "
                "tries to remove: {}",
                quoted(record.name), reasons);
}

// Only now it is seen what the disk boots: an init that does not know how to say that it has booted
// would be waited for in vain.
void choose_readiness(machine::LaunchPlan& plan) {
    const Fd tree(::open(plan.mount.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (plan.boots && !machine::find_init(tree.get()).ends_with("/systemd")) {
        const auto end = std::find(plan.arguments.begin(), plan.arguments.end(), "--");
        plan.arguments.erase(std::remove(plan.arguments.begin(), end, "--notify-ready=yes"), end);
    }
}

LaunchEvent run(Supervision& what, const Claim& claim, MachineRecord& record) {
    try {
        std::optional<storage::ImageLock> lock;
        std::optional<MachineClone> clone;
        if (what.plan.clone_of.empty()) {
            lock.emplace(lock_image(what.plan));
        }
        record.undo = what.plan.undo;
        claim.write(record);
        if (!what.plan.clone_of.empty()) {
            clone.emplace(what.plan.clone_of, what.plan.root);
        }
        write_plan_files(what.plan);
        make_kept_copies(what.plan);
        if (!what.plan.seed_disk.empty()) {
            write_seed_disk(what.plan.seed_disk, what.plan.seed_files);
        }
        if (!what.plan.mount.empty()) {
            mount_disk(what.plan);
            choose_readiness(what.plan);
        }
        for (const fs::path& group : what.plan.cgroups) {
            make_cgroup(group);
        }
        Ended end;
        {
            Supervisor supervisor(what, claim, record);
            const ChildExit exit = supervisor.run();
            end = {exit.signaled ? 128 + exit.code : exit.code, supervisor.console_words()};
        }
        clean_up(claim, record);
        return end;
    } catch (const Error& error) {
        clean_up(claim, record);
        return Failed{error.kind(), error.what()};
    }
}

// What it has in the registry is gone when this returns.
LaunchEvent keep(Supervision& what) {
    Claim claim = what.registry.claim(what.plan.machine);
    MachineRecord record{.name = what.plan.machine,
                         .image = what.plan.image,
                         .root = what.plan.root,
                         .engine = what.plan.engine,
                         .supervisor = find_process(::getpid()).value(),
                         .leader = std::nullopt,
                         .cgroups = what.plan.cgroups,
                         .undo = {},
                         .poweroff_signal = what.plan.poweroff_signal,
                         .started_us = now_us()};
    record.ssh_user = what.plan.ssh_user;
    record.kept = what.plan.kept;
    claim.write(record);
    LaunchEvent end = run(what, claim, record);
    std::move(claim).close();
    return end;
}

} // namespace

void supervise(Supervision what) {
    try {
        what.tell(keep(what));
    } catch (const Error& error) {
        what.tell(Failed{error.kind(), error.what()});
    }
}

} // namespace slipway::spawn
