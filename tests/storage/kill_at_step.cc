// ptrace(2): stops before each system call, so that no line of the code under test knows of it.

#include "tests/storage/kill_at_step.hh"

#include <csignal>
#include <stdexcept>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::tests {
namespace {

bool changes_something(const __ptrace_syscall_info& info) {
    switch (info.entry.nr) {
    case SYS_openat:
        return (info.entry.args[2] & O_CREAT) != 0 || (info.entry.args[2] & O_TMPFILE) == O_TMPFILE;
    case SYS_write:
    case SYS_mkdirat:
    case SYS_linkat:
    case SYS_unlinkat:
    case SYS_renameat:
    case SYS_renameat2:
    case SYS_fchmod:
    case SYS_fchown:
    case SYS_fsetxattr:
    case SYS_fremovexattr:
    case SYS_ioctl:
    case SYS_flock:
    case SYS_fsync:
    case SYS_syncfs:
        return true;
    default:
        return false;
    }
}

[[noreturn]] void run_traced(const std::function<std::function<void()>()>& make_action) {
    try {
        const std::function<void()> action = make_action();
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
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
    if (::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD) < 0) {
        const Error error = errno_error("ptrace");
        kill_and_reap(pid);
        throw error;
    }
    unsigned done = 0;
    for (;;) {
        ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
        const int status = wait_for_stop(pid);
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            return {done >= step, WIFEXITED(status) && WEXITSTATUS(status) == 0};
        }
        __ptrace_syscall_info info{};
        if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
            ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 ||
            info.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_something(info)) {
            continue;
        }
        if (++done == step && then() == After::Kill) {
            kill_and_reap(pid);
            return {true, false};
        }
    }
}

} // namespace slipway::tests
