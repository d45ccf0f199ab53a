// What a confined program can no longer do, with every fence up, with each single one missing, and
// with each alone: the last shows that none is idle behind the others.

#include <algorithm>
#include <csignal>
#include <vector>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/confine.hh"
#include "base/error.hh"
#include "tests/base/confined_child.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr unsigned kMounts = static_cast<unsigned>(Fence::Mounts);
constexpr unsigned kNetwork = static_cast<unsigned>(Fence::Network);
constexpr unsigned kCapabilities = static_cast<unsigned>(Fence::Capabilities);
constexpr unsigned kNoNewPrivs = static_cast<unsigned>(Fence::NoNewPrivs);
constexpr unsigned kLandlock = static_cast<unsigned>(Fence::Landlock);
constexpr unsigned kSeccomp = static_cast<unsigned>(Fence::Seccomp);

struct Attempt {
    std::string name;
    std::function<bool(const World&)> works;
};

bool opens(const std::string& path, int flags) {
    return Fd(::open(path.c_str(), flags | O_CLOEXEC, 0600)).get() >= 0;
}

bool connects(const World& world) {
    const Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return client && ::connect(client.get(), reinterpret_cast<const sockaddr*>(&world.address),
                               sizeof world.address) == 0;
}

bool runs_a_program() {
    ::execl("/bin/sh", "sh", "-c", "exit 10", nullptr); // kWorked
    return false;
}

bool makes_a_device(const World& world) {
    return ::mknod((world.victim + ".dev").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
}

bool has_user_xattrs() {
    const World world;
    return ::setxattr(world.victim.c_str(), "user.x", "1", 1, 0) == 0;
}

std::vector<Attempt> attempts() {
    std::vector<Attempt> all{
        {"read", [](const World& w) { return opens(w.victim, O_RDONLY); }},
        {"write", [](const World& w) { return opens(w.victim, O_WRONLY); }},
        {"make a file", [](const World& w) { return opens(w.victim + ".new", O_CREAT); }},
        {"chmod", [](const World& w) { return ::chmod(w.victim.c_str(), 0640) == 0; }},
        {"chown", [](const World& w) { return ::lchown(w.victim.c_str(), 1, 1) == 0; }},
        {"connect", connects},
        {"exec", [](const World&) { return runs_a_program(); }},
        // The working directory is the staging, whatever leads there.
        {"mount", [](const World&) { return ::mount("x", ".", "tmpfs", 0, nullptr) == 0; }},
        {"make a device", makes_a_device},
    };
    if (has_user_xattrs()) { // a tmpfs before Linux 6.6 has none
        all.push_back({"setxattr", [](const World& w) {
                           return ::setxattr(w.victim.c_str(), "user.x", "1", 1, 0) == 0;
                       }});
    }
    return all;
}

// Without its own mount namespace a successful "mount" would be left behind on the host.
void enter_private_mounts() {
    if (::unshare(CLONE_NEWNS) < 0 ||
        ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) {
        throw errno_error("cannot leave the host's mount namespace");
    }
}

int try_confined(const World& world, unsigned fences, const Attempt& attempt) {
    return exit_code_of([&] {
        enter_private_mounts();
        const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
        ::dup2(null.get(), STDERR_FILENO);
        const Confined confined = confine(world.confinement(fences));
        return attempt.works(world) ? kWorked : kFailed;
    });
}

// The names of the attempts that work behind `fences`; the others must fail, not be left out.
std::vector<std::string> what_works(unsigned fences) {
    std::vector<std::string> names;
    for (const Attempt& attempt : attempts()) {
        const World world;
        const int code = try_confined(world, fences, attempt);
        INFO(attempt.name << " behind fences " << fences << " ended with " << code);
        CHECK((code == kWorked || held(code)));
        if (code == kWorked) {
            names.push_back(attempt.name);
        }
        if (code != kWorked) {
            CHECK(read_file(world.victim) == "untouched");
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

// What Landlock does not govern.
std::vector<std::string> blind_spots() {
    std::vector<std::string> names{"chmod", "chown"};
    if (has_user_xattrs()) {
        names.emplace_back("setxattr");
    }
    return names;
}

std::optional<std::string> no_root() {
    return ::geteuid() == 0 ? std::nullopt
                            : std::optional<std::string>("needs root: mount namespaces, mknod");
}

} // namespace

TEST_CASE("the attempts work for a program that is not confined", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    for (const Attempt& attempt : attempts()) {
        const World world;
        INFO(attempt.name);
        CHECK(exit_code_of([&] {
                  enter_private_mounts();
                  return attempt.works(world) ? kWorked : kFailed;
              }) == kWorked);
    }
}

TEST_CASE("a confined program reaches nothing outside its staging", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    CHECK(what_works(kAllFences) == std::vector<std::string>{});
}

TEST_CASE("without any one fence the others still hold", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    for (const unsigned missing : {kNetwork, kCapabilities, kNoNewPrivs, kLandlock, kSeccomp}) {
        CHECK(what_works(kAllFences & ~missing) == std::vector<std::string>{});
    }
}

TEST_CASE("without the mount namespace only chmod, chown and setxattr pass", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    if (landlock_version() == 0) {
        SKIP("the kernel has no Landlock");
    }
    WARN("Landlock alone leaves chmod, chown and setxattr free outside the staging");
    CHECK(what_works(kAllFences & ~kMounts) == blind_spots());
}

TEST_CASE("each fence alone holds what it is for", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    using Names = std::vector<std::string>;
    CHECK(what_works(kMounts) == Names{"connect", "mount"});
    CHECK(what_works(kMounts | kNetwork) == Names{"mount"});
    CHECK(what_works(kMounts | kCapabilities) == Names{"connect"});
    CHECK(what_works(kMounts | kNoNewPrivs) == Names{"connect", "mount"});
    CHECK(what_works(kMounts | kNoNewPrivs | kSeccomp) == Names{});
    if (landlock_version() >= 4) { // older ones leave the network free
        CHECK(what_works(kLandlock | kNoNewPrivs) == blind_spots());
    }
}

TEST_CASE("nothing leads back out of the staging", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    const World world;
    const int code = exit_code_of([&] {
        const Confinement wanted = world.confinement();
        const Confined confined = confine(wanted);
        const Fd up(::openat(confined.root.get(), "../victim", O_RDONLY | O_CLOEXEC));
        const Fd old(::openat(wanted.staging, "../victim", O_RDONLY | O_CLOEXEC));
        return up || old ? kFailed : kWorked;
    });
    CHECK(code == kWorked);
}

TEST_CASE("an open directory other than the staging stops the program", "[confine]") {
    const World world;
    const int code = exit_code_of([&] {
        const Fd outside(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
        try {
            const Confined confined = confine(world.confinement());
        } catch (const Error& error) {
            return error.kind() == Kind::Internal ? kWorked : kFailed;
        }
        return kFailed;
    });
    CHECK(code == kWorked);
}

TEST_CASE("files are made, owned and marked inside the staging", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    const World world;
    const int code = exit_code_of([&] {
        const Confined confined = confine(world.confinement());
        const int root = confined.root.get();
        const Fd file(::openat(root, "inside", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        const bool good = file && ::fchown(file.get(), 4711, 4712) == 0 &&
                          ::fchmod(file.get(), 04755) == 0 &&
                          ::mknodat(root, "null", S_IFCHR | 0666, makedev(1, 3)) == 0 &&
                          ::mkdirat(root, "directory", 0700) == 0 &&
                          ::linkat(root, "inside", root, "directory/link", 0) == 0;
        struct statvfs mount {};
        constexpr unsigned long kQuiet = ST_NOSUID | ST_NODEV | ST_NOEXEC;
        const bool quiet = ::fstatvfs(root, &mount) == 0 && (mount.f_flag & kQuiet) == kQuiet;
        return good && quiet ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
    struct stat found {};
    REQUIRE(::stat((world.staging + "/directory/link").c_str(), &found) == 0);
    CHECK(found.st_uid == 4711);
    CHECK((found.st_mode & 07777) == 04755);
    REQUIRE(::stat((world.staging + "/null").c_str(), &found) == 0);
    CHECK(found.st_rdev == makedev(1, 3));
}

TEST_CASE("an empty view holds nothing and takes nothing", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    const int code = exit_code_of([&] {
        Confinement wanted;
        wanted.view = View::Nothing;
        const Confined confined = confine(wanted);
        return opens("/file", O_WRONLY | O_CREAT) || opens("/etc", O_RDONLY) ? kFailed : kWorked;
    });
    CHECK(code == kWorked);
}

TEST_CASE("a view of the host can be read but not written", "[confine]") {
    if (auto why = no_root()) {
        SKIP(*why);
    }
    const World world;
    const int code = exit_code_of([&] {
        Confinement wanted;
        wanted.view = View::HostRead;
        wanted.filter = Filter::Check;
        wanted.fences = kMounts; // alone, so that it is not Landlock that holds
        const Confined confined = confine(wanted);
        const bool reads = opens("/etc/passwd", O_RDONLY) && !opens(world.victim, O_RDONLY);
        const bool scratch = opens("/tmp/scratch", O_WRONLY | O_CREAT | O_EXCL);
        const bool outside = opens("/var/tmp/slipway-outside", O_WRONLY | O_CREAT);
        return reads && scratch && !outside && ::chmod("/etc/passwd", 0644) < 0 ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
}
