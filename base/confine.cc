// Raising the fences in the order the kernel needs: mounts and network while the rights for them
// are there, then the user, then capabilities, then what cannot be undone.

#include "base/confine.hh"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fences.hh"
#include "base/quoted.hh"

// LeakSanitizer needs ptrace and /proc, which confined programs do not have: it would die at exit.
// Weak in the sanitizer's library; without one it is an unused function.
// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizer's name, not ours
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() {
    return "detect_leaks=0";
}
// NOLINTEND(bugprone-reserved-identifier)

namespace slipway {
namespace {

constexpr bool has(unsigned fences, Fence fence) noexcept {
    return (fences & static_cast<unsigned>(fence)) != 0;
}

struct Account {
    uid_t uid;
    gid_t gid;
};

// Looked up before the view changes: the answer lies in /etc.
std::optional<Account> find_account(const std::optional<std::string>& user) {
    if (!user || ::geteuid() != 0) {
        return std::nullopt;
    }
    const passwd* entry = ::getpwnam(user->c_str());
    if (entry == nullptr) {
        entry = ::getpwnam("nobody");
    }
    if (entry == nullptr) {
        throw Error(Kind::NotFound, "neither user {} nor 'nobody' exists; create one of them",
                    quoted(*user));
    }
    return Account{entry->pw_uid, entry->pw_gid};
}

void become(const Account& account) {
    if (::setgroups(0, nullptr) < 0 || ::setresgid(account.gid, account.gid, account.gid) < 0 ||
        ::setresuid(account.uid, account.uid, account.uid) < 0) {
        throw errno_error("cannot become user {}", account.uid);
    }
}

void drop_capabilities(const std::vector<int>& keep) {
    ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
        if (std::find(keep.begin(), keep.end(), capability) == keep.end()) {
            // Without CAP_SETPCAP it stays in the bounding set, which no_new_privs makes useless.
            ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
        }
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, 2> sets{};
    if (::syscall(SYS_capget, &header, sets.data()) < 0) {
        throw errno_error("cannot read the capabilities");
    }
    std::array<std::uint32_t, 2> wanted{};
    for (const int capability : keep) {
        wanted.at(static_cast<std::size_t>(capability) / 32) |= 1U << (capability % 32);
    }
    for (std::size_t i = 0; i < sets.size(); ++i) {
        sets.at(i).permitted &= wanted.at(i);
        sets.at(i).effective = sets.at(i).permitted;
        sets.at(i).inheritable = 0;
    }
    if (::syscall(SYS_capset, &header, sets.data()) < 0) {
        throw errno_error("cannot drop capabilities");
    }
}

void keep_quiet() {
    ::umask(0);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none); // a core file would land in the image
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

// openat(directory, "../../../etc/shadow") goes on working after the root has changed, and writes
// through a directory that was opened before "/" became read-only. The numbers are small: a program
// of ours is started with the descriptors it needs and no others.
void refuse_open_directories(int staging) {
    constexpr int kHighest = 1024;
    for (int number = 0; number < kHighest; ++number) {
        struct stat found {};
        if (number != staging && ::fstat(number, &found) == 0 && S_ISDIR(found.st_mode)) {
            throw Error(Kind::Internal,
                        "descriptor {} is a directory and would lead out of the confinement; "
                        "nothing was read",
                        number);
        }
    }
}

// The directory that the program works in: the new "/" where there is one, else the staging
// itself, through which alone it is reached.
Fd open_root(const Confinement& wanted, bool mounted) {
    if (wanted.view != View::Staging) {
        return Fd();
    }
    Fd root(mounted ? ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : wanted.staging);
    if (!root) {
        throw errno_error("cannot open the staging");
    }
    if (!mounted && ::fchdir(root.get()) < 0) {
        throw errno_error("cannot enter the staging");
    }
    return root;
}

} // namespace

Confined confine(const Confinement& wanted) {
    Confined result;
    const auto raised = [&result](Fence fence) { result.fences |= static_cast<unsigned>(fence); };
    const std::optional<Account> account = find_account(wanted.user);
    refuse_open_directories(wanted.staging);
    keep_quiet();
    if (has(wanted.fences, Fence::Network) && !wanted.network && fences::raise_network()) {
        raised(Fence::Network);
    }
    if (has(wanted.fences, Fence::Mounts) && fences::raise_mounts(wanted)) {
        raised(Fence::Mounts);
    } else if (!has(wanted.fences, Fence::Landlock) || landlock_version() < 1) {
        throw Error(Kind::Unsupported,
                    "this host refuses mount namespaces and has no Landlock: nothing would hold a "
                    "hostile image; nothing was written. Run as root on a kernel of 5.13 or later");
    }
    result.root = open_root(wanted, has(result.fences, Fence::Mounts));
    if (account) {
        become(*account);
    }
    if (has(wanted.fences, Fence::Capabilities)) {
        drop_capabilities(wanted.capabilities);
        raised(Fence::Capabilities);
    }
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // changing the user has set it again
    if (!has(wanted.fences, Fence::NoNewPrivs)) {
        return result; // Landlock and seccomp need it
    }
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        throw errno_error("cannot give up new privileges");
    }
    raised(Fence::NoNewPrivs);
    if (has(wanted.fences, Fence::Landlock) && fences::raise_landlock(wanted, result.root.get())) {
        raised(Fence::Landlock);
    }
    if (has(wanted.fences, Fence::Seccomp)) {
        fences::raise_seccomp(wanted);
        raised(Fence::Seccomp);
    }
    return result;
}

} // namespace slipway
