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

// Joining the namespace that one is in already is refused.
bool has_own_users(const Guest& guest) {
    struct stat ours {};
    struct stat theirs {};
    if (::stat("/proc/self/ns/user", &ours) < 0 ||
        ::stat(fmt::format("/proc/{}/ns/user", guest.leader()).c_str(), &theirs) < 0) {
        throw errno_error("cannot look at the namespaces of machine {}",
                          quoted(guest.record().name));
    }
    return ours.st_ino != theirs.st_ino || ours.st_dev != theirs.st_dev;
}

} // namespace

void join(const Guest& guest, int kinds) {
    if (::setns(guest.pidfd(), kinds | (has_own_users(guest) ? CLONE_NEWUSER : 0)) < 0) {
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
