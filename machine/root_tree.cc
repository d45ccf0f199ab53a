// openat2(2) with RESOLVE_IN_ROOT.

#include "machine/root_tree.hh"

#include <array>
#include <cerrno>
#include <cstdint>
#include <vector>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace slipway::machine {
namespace {

// Their order is that of systemd-nspawn --boot, which knows no others.
constexpr std::array kInits{"/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/sbin/init"};

} // namespace

Fd open_in_tree(int root, const std::string& path, int flags) noexcept {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

int why_not_run(int root, const std::string& name) {
    std::vector<std::string> places{name};
    if (name.find('/') == name.npos) {
        places.clear();
        for (const char* directory : {"/usr/local/sbin/", "/usr/local/bin/", "/usr/sbin/",
                                      "/usr/bin/", "/sbin/", "/bin/"}) {
            places.push_back(directory + name);
        }
    }
    int why = ENOENT;
    for (const std::string& place : places) {
        const Fd file = open_in_tree(root, place, O_PATH);
        struct stat info {};
        if (file && ::fstat(file.get(), &info) == 0) {
            if (S_ISREG(info.st_mode) && (info.st_mode & 0111) != 0) {
                return 0;
            }
            why = EACCES;
        }
    }
    return why;
}

std::string find_init(int root) {
    for (const char* init : kInits) {
        if (why_not_run(root, init) == 0) {
            return init;
        }
    }
    return "";
}

bool has_empty_resolv_conf(int root) noexcept {
    const Fd file = open_in_tree(root, "/etc/resolv.conf", O_PATH | O_NOFOLLOW);
    struct stat info {};
    return file && ::fstat(file.get(), &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0;
}

} // namespace slipway::machine
