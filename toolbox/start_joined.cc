// What setns(2) gives is not a process of the container: it has all capabilities and no seccomp
// filter. The capabilities are taken from the machine's first process; the filter cannot be.

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "spawn/cgroup.hh"
#include "spawn/enter.hh"
#include "toolbox/guest_process.hh"

namespace slipway::toolbox {
namespace {

constexpr int kNamespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP;
constexpr int kNotFound = 127;
constexpr int kNotRunnable = 126;
constexpr const char* kPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

// Everything that is read on the host's side, before there is no way back.
struct Prepared {
    std::uint64_t bounding_set = 0;
    std::vector<Fd> cgroups;
    std::vector<std::string> environment;
};

std::uint64_t bounding_set_of(pid_t process) {
    std::ifstream file(fmt::format("/proc/{}/status", process));
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("CapBnd:")) {
            return std::stoull(line.substr(line.find('\t') + 1), nullptr, 16);
        }
    }
    throw Error(Kind::NotFound, "the machine has ended");
}

Prepared prepare(const spawn::Guest& guest, const GuestCommand& command) {
    Prepared prepared{.bounding_set = bounding_set_of(guest.leader()),
                      .cgroups = {},
                      .environment = command.environment};
    for (const std::filesystem::path& group : guest.record().cgroups) {
        const std::filesystem::path leaders = spawn::find_cgroup(group, guest.leader());
        if (!leaders.empty()) {
            prepared.cgroups.push_back(spawn::open_cgroup(leaders));
        }
    }
    for (const std::string& variable :
         {std::string(kPath), "HOME=" + command.user.home, "USER=" + command.user.name,
          "LOGNAME=" + command.user.name, "SHELL=" + command.user.shell,
          std::string("container=systemd-nspawn")}) {
        prepared.environment.push_back(variable);
    }
    return prepared;
}

void limit_capabilities(std::uint64_t bounding_set) {
    for (unsigned capability = 0; capability < 64; ++capability) {
        const bool kept = (bounding_set >> capability & 1) != 0;
        if (!kept && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0 && errno != EINVAL) {
            throw errno_error("cannot give up capability {}", capability);
        }
    }
    // What root may inherit it would get whatever the bounding set says.
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) < 0) {
        throw errno_error("cannot read capabilities");
    }
    sets[0].inheritable = 0;
    sets[1].inheritable = 0;
    if (::syscall(SYS_capset, &header, sets.data()) < 0 ||
        ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) {
        throw errno_error("cannot give up capabilities");
    }
}

void take_terminal(const GuestCommand& command) {
    ::setsid();
    const Fd slave(::open(command.terminal.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY));
    if (!slave || ::ioctl(slave.get(), TIOCSCTTY, 0) < 0 ||
        ::fchown(slave.get(), command.user.uid, static_cast<gid_t>(-1)) < 0) {
        throw errno_error("cannot take the terminal {}", quoted(command.terminal));
    }
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        ::dup2(slave.get(), standard);
    }
}

void place_fds(const std::array<int, 3>& fds) {
    std::array<Fd, 3> moved;
    for (std::size_t i = 0; i < fds.size(); ++i) {
        moved.at(i).reset(::fcntl(fds.at(i), F_DUPFD_CLOEXEC, 3));
    }
    for (std::size_t i = 0; i < fds.size(); ++i) {
        if (::dup2(moved.at(i).get(), static_cast<int>(i)) < 0) {
            throw errno_error("cannot pass descriptor {}", i);
        }
    }
}

void become_user(const spawn::GuestUser& user) {
    if (::setgroups(0, nullptr) < 0 || ::setresgid(user.gid, user.gid, user.gid) < 0 ||
        ::setresuid(user.uid, user.uid, user.uid) < 0) {
        throw errno_error("cannot become {}", quoted(user.name));
    }
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> list;
    for (const std::string& text : texts) {
        list.push_back(const_cast<char*>(text.c_str()));
    }
    list.push_back(nullptr);
    return list;
}

// The child that is in the machine's process namespace.
int run_command(const GuestCommand& command, const Prepared& prepared) {
    if (command.terminal.empty()) {
        place_fds(command.fds);
    } else {
        take_terminal(command);
    }
    limit_capabilities(prepared.bounding_set);
    become_user(command.user);
    // Both after the change of user, which clears them or needs what they forbid.
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) {
        throw errno_error("cannot fence the command");
    }
    if (::chdir(command.user.home.c_str()) < 0 && ::chdir("/") < 0) {
        throw errno_error("cannot go to /");
    }
    for (int signal = 1; signal < NSIG; ++signal) {
        ::signal(signal, SIG_DFL);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC);
    ::setenv("PATH", kPath + 5, 1); // where execvpe(3) looks
    ::execvpe(command.command.front().c_str(), pointers(command.command).data(),
              pointers(prepared.environment).data());
    const int number = errno;
    const std::string line = fmt::format("slipway: cannot run {}: {}\n",
                                         quoted(command.command.front()), errno_text(number));
    static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
    return number == ENOENT ? kNotFound : kNotRunnable;
}

// The child that joins. Only its children are in the machine's process namespace.
int join_and_run(const spawn::Guest& guest, const GuestCommand& command, const Prepared& prepared) {
    for (const Fd& group : prepared.cgroups) {
        if (::write(group.get(), "0", 1) != 1) {
            throw errno_error("cannot enter the machine's control group");
        }
    }
    spawn::join(guest, kNamespaces);
    return spawn::wait_for_status(spawn::fork_with([&] { return run_command(command, prepared); }));
}

class JoinedProcess : public GuestProcess {
public:
    JoinedProcess(const spawn::Guest& guest, const GuestCommand& command) {
        const Prepared prepared = prepare(guest, command);
        child_ = spawn::fork_with([&] { return join_and_run(guest, command, prepared); });
        pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
        if (!pidfd_) {
            throw errno_error("cannot watch process {}", child_);
        }
    }

    Awaited awaited() const override {
        return {.fd = pidfd_.get(), .events = POLLIN, .deadline = std::nullopt};
    }

    std::optional<int> process() override {
        if (!wait_for(pidfd_.get(), POLLIN, {}, std::chrono::steady_clock::now())) {
            return std::nullopt;
        }
        return spawn::wait_for_status(child_);
    }

    // Whatever it is: the command itself is out of reach, and ends with its parent.
    void signal(int /*signal*/) override {
        ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
    }

private:
    pid_t child_ = 0;
    Fd pidfd_;
};

} // namespace

std::unique_ptr<GuestProcess> start_joined(const spawn::Guest& guest, const GuestCommand& command) {
    return std::make_unique<JoinedProcess>(guest, command);
}

} // namespace slipway::toolbox
