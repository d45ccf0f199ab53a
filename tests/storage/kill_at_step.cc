// ptrace(2) with a seccomp(2) filter: no line of the code under test knows of it.

#include "tests/storage/kill_at_step.hh"

#include <array>
#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <seccomp.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/handle.hh"

namespace slipway::tests {
namespace {

constexpr std::array kSteps = {
    SYS_openat,    SYS_write,  SYS_mkdirat, SYS_linkat,    SYS_unlinkat,     SYS_renameat,
    SYS_renameat2, SYS_fchmod, SYS_fchown,  SYS_fsetxattr, SYS_fremovexattr, SYS_ioctl,
    SYS_flock,     SYS_fsync,  SYS_syncfs,  SYS_ftruncate, SYS_utimensat,
};

// The kernel stops the process at these and at no other call.
void stop_at_steps() {
    const Handle<void, seccomp_release> filter(::seccomp_init(SCMP_ACT_ALLOW));
    bool done = filter != nullptr;
    for (const long step : kSteps) {
        done = done &&
               ::seccomp_rule_add(filter.get(), SCMP_ACT_TRACE(0), static_cast<int>(step), 0) == 0;
    }
    if (!done || ::seccomp_load(filter.get()) < 0) {
        throw Error(Kind::Unsupported, "no filter for system calls can be set");
    }
}

// Opening a file changes something only where it makes one.
bool is_step(const __ptrace_syscall_info& info) {
    return info.seccomp.nr != SYS_openat || (info.seccomp.args[2] & O_CREAT) != 0 ||
           (info.seccomp.args[2] & O_TMPFILE) == O_TMPFILE;
}

[[noreturn]] void run_traced(const std::function<std::function<void()>()>& make_action) {
    try {
        const std::function<void()> action = make_action();
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        stop_at_steps();
        action();
        ::_exit(0);
    } catch (const std::exception&) {
        ::_exit(1);
    }
}

int wait_for_stop(pid_t pid) {
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid) {
        throw errno_error("cannot wait for a traced process");
    }
    return status;
}

void kill_and_reap(pid_t pid) {
    ::kill(pid, SIGKILL);
    wait_for_stop(pid);
}

} // namespace

std::optional<std::string> no_tracing() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        try {
            kill_at_step(1, [] {});
            return std::nullopt;
        } catch (const std::exception& error) {
            return std::string("no process can be traced here: ") + error.what();
        }
    }();
    return why;
}

bool kill_at_step(unsigned step, const std::function<void()>& action) {
    const Stopped child = stop_at_step(
        step, [&] { return action; }, [] { return After::Kill; });
    if (!child.at_step && !child.succeeded) {
        throw std::runtime_error("the traced action failed");
    }
    return child.at_step;
}

Stopped stop_at_step(unsigned step, const std::function<std::function<void()>()>& make_action,
                     const std::function<After()>& then) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        run_traced(make_action);
    }
    if (!WIFSTOPPED(wait_for_stop(pid))) {
        throw std::runtime_error("what is to be traced could not be prepared");
    }
    if (::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESECCOMP) < 0) {
        const Error error = errno_error("ptrace");
        kill_and_reap(pid);
        throw error;
    }
    unsigned done = 0;
    for (;;) {
        ::ptrace(PTRACE_CONT, pid, nullptr, nullptr);
        const int status = wait_for_stop(pid);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            return {done >= step, WIFEXITED(status) && WEXITSTATUS(status) == 0};
        }
        __ptrace_syscall_info info{};
        if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8) ||
            ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 || !is_step(info)) {
            continue;
        }
        if (++done == step && then() == After::Kill) {
            kill_and_reap(pid);
            return {true, false};
        }
    }
}

} // namespace slipway::tests
