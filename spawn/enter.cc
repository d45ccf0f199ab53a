// setns(2) with a pidfd joins all kinds in one step.

#include "spawn/enter.hh"

#include <cerrno>

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

constexpr int kFailed = 125;

} // namespace

Fd open_users(const Guest& guest) {
    Fd users = guest.open_of_leader("ns/user", O_RDONLY);
    struct stat ours {};
    struct stat theirs {};
    if (!users || ::stat("/proc/self/ns/user", &ours) < 0 || ::fstat(users.get(), &theirs) < 0) {
        throw errno_error("cannot look at the namespaces of machine {}",
                          quoted(guest.record().name));
    }
    if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev) {
        users.reset();
    }
    return users;
}

void join(const Guest& guest, int kinds) {
    // Joining the user namespace that one is in already is refused, and so is joining nothing.
    kinds |= open_users(guest) ? CLONE_NEWUSER : 0;
    if (kinds != 0 && ::setns(guest.pidfd(), kinds) < 0) {
        throw errno_error("cannot enter machine {}", quoted(guest.record().name));
    }
    if (::setgroups(0, nullptr) < 0 || ::setresgid(0, 0, 0) < 0 || ::setresuid(0, 0, 0) < 0) {
        throw errno_error("cannot become root in machine {}", quoted(guest.record().name));
    }
}

pid_t fork_with(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child < 0) {
        throw errno_error("cannot start a process");
    }
    if (child > 0) {
        return child;
    }
    int status = kFailed;
    try {
        status = work();
    } catch (const std::exception& error) {
        const std::string line = fmt::format("slipway: {}\n", error.what());
        static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
    }
    ::_exit(status);
}

int wait_for_status(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            throw errno_error("cannot wait for process {}", child);
        }
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

} // namespace slipway::spawn
