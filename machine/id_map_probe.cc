// A mapping is handed over as a user namespace, which lives as long as a process in it: a child
// that does nothing but wait for the end of a pipe.

#include "machine/id_map_probe.hh"

#include <cerrno>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.hh"

namespace slipway::machine {
namespace {

// A process in a user namespace of its own, until the object is gone.
class Sleeper {
public:
    Sleeper() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) < 0) {
            return;
        }
        Fd waits(ends[0]);
        wake_.reset(ends[1]);
        // Like fork(2). The child calls nothing but system calls, whatever other threads do.
        pid_ = static_cast<pid_t>(
            ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
        if (pid_ == 0) {
            ::close(ends[1]);
            char byte = 0;
            static_cast<void>(::read(ends[0], &byte, 1));
            ::_exit(0);
        }
    }
    Sleeper(const Sleeper&) = delete;
    Sleeper& operator=(const Sleeper&) = delete;
    ~Sleeper() {
        wake_.reset();
        if (pid_ > 0) {
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
            }
        }
    }

    // Its namespace with a mapping that changes every number; none when that is refused.
    Fd user_namespace() const {
        if (pid_ <= 0 || !write_map("uid_map") || !write_map("gid_map")) {
            return {};
        }
        return Fd(::open(file("ns/user").c_str(), O_RDONLY | O_CLOEXEC));
    }

private:
    std::string file(const char* name) const { return fmt::format("/proc/{}/{}", pid_, name); }

    bool write_map(const char* name) const {
        constexpr std::string_view kMap = "0 65536 65536\n";
        const Fd map(::open(file(name).c_str(), O_WRONLY | O_CLOEXEC));
        return map &&
               ::write(map.get(), kMap.data(), kMap.size()) == static_cast<ssize_t>(kMap.size());
    }

    Fd wake_;
    pid_t pid_ = -1;
};

} // namespace

bool can_map_ids(const std::filesystem::path& directory) {
    const Sleeper sleeper;
    const Fd users = sleeper.user_namespace();
    const Fd mount(static_cast<int>(::syscall(SYS_open_tree, AT_FDCWD, directory.c_str(),
                                              OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)));
    if (!users || !mount) {
        return false;
    }
    mount_attr wanted{};
    wanted.attr_set = MOUNT_ATTR_IDMAP;
    wanted.userns_fd = static_cast<std::uint64_t>(users.get());
    return ::syscall(SYS_mount_setattr, mount.get(), "", AT_EMPTY_PATH, &wanted, sizeof wanted) ==
           0;
}

} // namespace slipway::machine
