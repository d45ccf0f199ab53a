// Hosts that refuse a fence, and hosts inside hosts: chroots and user namespaces.

#include <cerrno>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/confine.hh"
#include "base/error.hh"
#include "tests/base/confined_child.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr const char* kForbidden = "/slipway-must-not-be-here";

bool has(const Confined& confined, Fence fence) {
    return (confined.fences & static_cast<unsigned>(fence)) != 0;
}

bool makes_file(int directory, const char* name) {
    return Fd(::openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)).get() >= 0;
}

// Every mount of this namespace with its place, options and propagation.
std::string mounts() {
    return read_file("/proc/self/mountinfo");
}

// A mount namespace of the test's own that passes mounts on, as a host under systemd does.
void enter_shared_mounts() {
    if (::unshare(CLONE_NEWNS) < 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) < 0) {
        throw errno_error("cannot make the mounts shared");
    }
}

} // namespace

TEST_CASE("K8: where unshare is refused, Landlock holds and nothing lands in the host's root",
          "[confine]") {
    if (landlock_version() == 0) {
        SKIP("the kernel has no Landlock");
    }
    const int error = GENERATE(EPERM, EINVAL, ENOSPC, ENOSYS);
    const World world;
    const int code = exit_code_of([&] {
        refuse_call(SCMP_SYS(unshare), error);
        const Confined confined = confine(world.confinement());
        if (has(confined, Fence::Mounts) || !has(confined, Fence::Landlock) || !confined.root) {
            return kNotConfined;
        }
        const bool inside = makes_file(confined.root.get(), "inside");
        const bool relative = makes_file(AT_FDCWD, "relative");
        const bool outside = makes_file(AT_FDCWD, kForbidden);
        const bool beside = makes_file(confined.root.get(), "../beside");
        return inside && relative && !outside && !beside ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
    CHECK(std::filesystem::exists(world.staging + "/inside"));
    CHECK(std::filesystem::exists(world.staging + "/relative"));
    CHECK_FALSE(std::filesystem::exists(world.top / "beside"));
    CHECK_FALSE(std::filesystem::exists(kForbidden));
}

TEST_CASE("K8: where namespaces and Landlock are both refused, the program stops", "[confine]") {
    const World world;
    const int code = exit_code_of([&] {
        refuse_call(SCMP_SYS(unshare), EPERM);
        refuse_call(SCMP_SYS(landlock_create_ruleset), ENOSYS);
        try {
            static_cast<void>(confine(world.confinement()));
        } catch (const Error& error) {
            return error.kind() == Kind::Unsupported ? kWorked : kFailed;
        }
        return kFailed;
    });
    CHECK(code == kWorked);
    CHECK(std::filesystem::is_empty(world.staging));
}

TEST_CASE("K8: a root that cannot be changed stops the program", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    const int call = GENERATE(SCMP_SYS(open_tree), SCMP_SYS(mount_setattr), SCMP_SYS(move_mount),
                              SCMP_SYS(pivot_root), SCMP_SYS(umount2), SCMP_SYS(mount));
    const World world;
    const int code = exit_code_of([&] {
        refuse_call(call, EPERM);
        try {
            static_cast<void>(confine(world.confinement()));
        } catch (const Error&) {
            return kWorked;
        }
        return kFailed;
    });
    INFO("without system call " << call);
    CHECK(code == kWorked);
    CHECK(std::filesystem::is_empty(world.staging));
}

TEST_CASE("where only the network namespace is refused, the rest holds", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    const World world;
    const int code = exit_code_of([&] {
        Confinement wanted = world.confinement(kAllFences);
        wanted.network = true;
        const Confined confined = confine(wanted);
        return confined.fences == (kAllFences & ~static_cast<unsigned>(Fence::Network)) ? kWorked
                                                                                        : kFailed;
    });
    CHECK(code == kWorked);
}

TEST_CASE("in a chroot the staging is the root all the same, and no mount shows outside",
          "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces, chroot");
    }
    const View view = GENERATE(View::Staging, View::Nothing, View::HostRead);
    const World world;
    std::filesystem::create_directory(world.top / "tmp");
    const int code = exit_code_of([&] {
        enter_shared_mounts();
        const std::string before = mounts();
        const int inner = exit_code_of([&] {
            if (::chroot(world.top.path().c_str()) < 0 || ::chdir("/") < 0) {
                return kNotConfined;
            }
            Confinement wanted = world.confinement();
            wanted.view = view;
            wanted.filter = view == View::HostRead ? Filter::Check : Filter::Unpack;
            wanted.staging = view == View::Staging ? ::open("/staging", O_RDONLY | O_CLOEXEC) : -1;
            const Confined confined = confine(wanted);
            const bool sees = ::access("/victim", F_OK) == 0;
            const bool writes = makes_file(AT_FDCWD, "/inside");
            const bool right = sees == (view == View::HostRead) && writes == !!confined.root;
            return has(confined, Fence::Mounts) && right ? kWorked : kFailed;
        });
        return mounts() == before ? inner : kFailed;
    });
    CHECK(code == kWorked);
    CHECK(std::filesystem::exists(world.staging + "/inside") == (view == View::Staging));
}

TEST_CASE("in a user namespace all fences rise, and only real devices cannot be made",
          "[confine]") {
    const World world;
    const uid_t user = ::getuid();
    const int code = exit_code_of([&] {
        if (::unshare(CLONE_NEWUSER) < 0) {
            return 77;
        }
        write_file("/proc/self/uid_map", fmt::format("0 {} 1", user));
        const Confined confined = confine(world.confinement());
        const int root = confined.root.get();
        const bool device = ::mknodat(root, "null", S_IFCHR | 0666, makedev(1, 3)) == 0;
        return confined.fences == kAllFences && makes_file(root, "inside") && !device ? kWorked
                                                                                      : kFailed;
    });
    if (code == 77) {
        SKIP("this host refuses user namespaces");
    }
    CHECK(code == kWorked);
}
