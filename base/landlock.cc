// Landlock (landlock(7)): the second fence, and the first where namespaces are refused. It does
// not govern chmod, chown and setxattr, which is why it does not stand alone by choice.

#include <array>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fences.hh"

namespace slipway {
namespace {

// Rights of kernels newer than the headers we may be built with.
constexpr std::uint64_t kRefer = 1ULL << 13;    // version 2
constexpr std::uint64_t kTruncate = 1ULL << 14; // version 3
constexpr std::uint64_t kIoctlDev = 1ULL << 15; // version 5

constexpr std::uint64_t kReads =
    LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;

// struct landlock_ruleset_attr of version 6; older kernels are given fewer bytes of it.
struct Ruleset {
    std::uint64_t fs;
    std::uint64_t net;    // version 4
    std::uint64_t scoped; // version 6
};

std::uint64_t all_rights(int version) noexcept {
    std::uint64_t rights = (1ULL << 13) - 1;
    rights |= version >= 2 ? kRefer : 0;
    rights |= version >= 3 ? kTruncate : 0;
    rights |= version >= 5 ? kIoctlDev : 0;
    return rights;
}

void allow_beneath(int ruleset, int directory, std::uint64_t rights) {
    const landlock_path_beneath_attr rule{rights, directory};
    if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0) {
        throw errno_error("cannot add a Landlock rule");
    }
}

void allow_path(int ruleset, const char* path, std::uint64_t rights) {
    const Fd target(::open(path, O_PATH | O_CLOEXEC));
    if (target) {
        allow_beneath(ruleset, target.get(), rights);
    }
}

} // namespace

int landlock_version() noexcept {
    const long version =
        ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? 0 : static_cast<int>(version);
}

bool fences::raise_landlock(const Confinement& confinement, int root) {
    const int version = landlock_version();
    if (version < 1) {
        return false;
    }
    const std::uint64_t rights = all_rights(version);
    const bool host = confinement.view == View::HostRead;
    Ruleset attributes{host ? rights & ~kReads : rights, 0, 0};
    std::size_t size = sizeof attributes.fs;
    if (version >= 4) {
        attributes.net = confinement.network ? 0 : 3; // bind and connect of TCP
        size = sizeof attributes.fs + sizeof attributes.net;
    }
    if (version >= 6) {
        attributes.scoped = 3; // abstract UNIX sockets and signals of others
        size = sizeof attributes;
    }
    const Fd ruleset(
        static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
    if (!ruleset) {
        throw errno_error("cannot make a Landlock rule set");
    }
    if (confinement.view == View::Staging) {
        allow_beneath(ruleset.get(), root,
                      (confinement.read_only ? kReads : rights) &
                          ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE} & ~kIoctlDev);
    }
    if (host) {
        const std::uint64_t file = LANDLOCK_ACCESS_FS_WRITE_FILE | (rights & kTruncate);
        allow_path(ruleset.get(), "/dev/null", file);
        if (confinement.filter == Filter::Check) {
            allow_path(ruleset.get(), "/tmp", attributes.fs & ~kIoctlDev);
        }
    }
    if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) < 0) {
        throw errno_error("cannot enforce Landlock");
    }
    return true;
}

} // namespace slipway
