// unshare(2), SIOCSIFFLAGS, overlayfs on tmpfs.

#include "tests/support/private_network.hh"

#include <algorithm>
#include <filesystem>

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {
namespace {

void raise_loopback() {
    const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    std::copy_n("lo", 3, request.ifr_name);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (!socket || ::ioctl(socket.get(), SIOCSIFFLAGS, &request) < 0) {
        throw errno_error("loopback cannot be raised");
    }
}

// The upper layer lies in memory: the temporary directory may be on an overlay itself.
void cover_etc() {
    static const MountedFs layers("tmpfs", "mode=0755");
    const std::filesystem::path upper = layers.path() / "upper";
    const std::filesystem::path work = layers.path() / "work";
    std::filesystem::create_directory(upper);
    std::filesystem::create_directory(work);
    const std::string options =
        "lowerdir=/etc,upperdir=" + upper.string() + ",workdir=" + work.string();
    if (::mount("overlay", "/etc", "overlay", 0, options.c_str()) < 0) {
        throw errno_error("nothing can be mounted on /etc");
    }
}

} // namespace

std::optional<std::string> use_private_network() {
    static const std::optional<std::string> why = []() -> std::optional<std::string> {
        if (!use_private_mounts()) {
            return "a mount namespace is refused here";
        }
        if (::unshare(CLONE_NEWNET) < 0) {
            return "a network namespace is refused here: " + errno_text(errno);
        }
        try {
            raise_loopback();
            cover_etc();
        } catch (const std::exception& error) {
            return error.what();
        }
        return std::nullopt;
    }();
    return why;
}

void point_hosts_here(const std::vector<std::string>& hosts) {
    std::string text = "127.0.0.1 localhost\n";
    for (const std::string& host : hosts) {
        text += "127.0.0.1 " + host + "\n";
    }
    write_file("/etc/hosts", text);
    write_file("/etc/nsswitch.conf", "hosts: files\n");
}

} // namespace slipway::tests
