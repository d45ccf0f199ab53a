// What a confined program can no longer do. Each attempt is made by a process of its own, which
// confines itself by the same function as the programs, tries one thing and says whether it worked.

#include <array>
#include <csignal>
#include <functional>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/confine.hh"
#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using slipway::tests::TempDir;

namespace {

constexpr int kWorked = 10;
constexpr int kFailed = 11;
constexpr int kNotConfined = 12;

const std::vector<int> kUnpackCapabilities{CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                                           CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP};

// A directory to be confined to, a file outside that must not change, a server to be reached.
struct World {
    TempDir top;
    std::string staging = (top / "staging").string();
    std::string victim = (top / "victim").string();
    Fd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};

    World() {
        std::filesystem::create_directory(staging);
        tests::write_file(victim, "untouched");
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(listener.get(), 8) == 0);
        REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    }

    Confinement confinement(unsigned fences) const {
        Confinement wanted;
        wanted.view = View::Staging;
        wanted.filter = Filter::Unpack;
        wanted.staging = ::open(staging.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        wanted.capabilities = kUnpackCapabilities;
        wanted.fences = fences;
        return wanted;
    }
};

struct Attempt {
    std::string name;
    std::function<bool(const World&)> works;
    bool landlock_blind; ///< not governed by Landlock: may pass without the mount namespace
};

bool try_connect(const World& world) {
    const Fd client(::socket(AF_INET, SOCK_STREAM, 0));
    return client && ::connect(client.get(), reinterpret_cast<const sockaddr*>(&world.address),
                               sizeof world.address) == 0;
}

bool try_exec() {
    ::execl("/bin/true", "true", nullptr);
    return false;
}

const std::array kAttempts{
    Attempt{"read a file",
            [](const World& w) { return Fd(::open(w.victim.c_str(), O_RDONLY)).get() >= 0; },
            false},
    Attempt{"write a file",
            [](const World& w) { return Fd(::open(w.victim.c_str(), O_WRONLY)).get() >= 0; },
            false},
    Attempt{"make a file",
            [](const World& w) {
                return Fd(::open((w.victim + ".new").c_str(), O_WRONLY | O_CREAT, 0600)).get() >= 0;
            },
            false},
    Attempt{"chmod", [](const World& w) { return ::chmod(w.victim.c_str(), 0777) == 0; }, true},
    Attempt{"chown", [](const World& w) { return ::lchown(w.victim.c_str(), 1, 1) == 0; }, true},
    Attempt{"setxattr",
            [](const World& w) { return ::setxattr(w.victim.c_str(), "user.x", "1", 1, 0) == 0; },
            true},
    Attempt{"connect", try_connect, false},
    Attempt{"exec", [](const World&) { return try_exec(); }, false},
    Attempt{"mount",
            [](const World& w) {
                return ::mount("tmpfs", w.staging.c_str(), "tmpfs", 0, nullptr) == 0;
            },
            false},
    Attempt{"make a device node",
            [](const World& w) {
                return ::mknod((w.victim + ".dev").c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
            },
            false},
};

int exit_code_of(const std::function<int()>& body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        int code = kNotConfined;
        try {
            code = body();
        } catch (const std::exception& error) {
            static_cast<void>(
                !::write(2, error.what(), std::char_traits<char>::length(error.what())));
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int try_confined(const World& world, unsigned fences, const Attempt& attempt) {
    return exit_code_of([&] {
        const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
        ::dup2(null.get(), STDERR_FILENO);
        const Confined confined = confine(world.confinement(fences));
        return attempt.works(world) ? kWorked : kFailed;
    });
}

bool held(int code) {
    return code == kFailed || code == 128 + SIGSYS;
}

// Makes a system call fail with `error` for this process and its children.
void refuse_call(int call, int error) {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0);
    if (seccomp_load(context) < 0) {
        throw Error(Kind::Other, "cannot set the test up");
    }
    seccomp_release(context);
}

} // namespace

TEST_CASE("a confined program reaches nothing outside its staging", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    const World world;
    for (const Attempt& attempt : kAttempts) {
        INFO(attempt.name);
        const int code = try_confined(world, kAllFences, attempt);
        INFO("code " << code);
        CHECK(held(code));
    }
    CHECK(tests::read_file(world.victim) == "untouched");
}

TEST_CASE("the attempts work for a program that is not confined", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: chown, mount, mknod");
    }
    for (const Attempt& attempt : kAttempts) {
        const World world;
        INFO(attempt.name);
        if (attempt.name == "exec") {
            CHECK(exit_code_of([&] { return attempt.works(world) ? kWorked : kFailed; }) == 0);
            continue;
        }
        CHECK(exit_code_of([&] {
                  if (::unshare(CLONE_NEWNS) < 0 ||
                      ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) {
                      return kNotConfined;
                  }
                  return attempt.works(world) ? kWorked : kFailed;
              }) == kWorked);
    }
}

TEST_CASE("every fence but one still holds, whichever is missing", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    for (const Fence missing : {Fence::Mounts, Fence::Network, Fence::Capabilities,
                                Fence::NoNewPrivs, Fence::Landlock, Fence::Seccomp}) {
        const World world;
        for (const Attempt& attempt : kAttempts) {
            const int code =
                try_confined(world, kAllFences & ~static_cast<unsigned>(missing), attempt);
            INFO(attempt.name << " without fence " << static_cast<unsigned>(missing) << ": "
                              << code);
            if (missing == Fence::Mounts && attempt.landlock_blind) {
                // Landlock does not govern these: without the mount namespace they may pass.
                CHECK((code == kWorked || held(code)));
            } else {
                CHECK(held(code));
            }
        }
        CHECK(tests::read_file(world.victim) == "untouched");
    }
}

TEST_CASE("files are made, owned and marked inside the staging", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: chown, mknod");
    }
    const World world;
    const int code = exit_code_of([&] {
        const Confined confined = confine(world.confinement(kAllFences));
        const int root = confined.root.get();
        const Fd file(::openat(root, "inside", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
        const bool good = file && ::fchown(file.get(), 4711, 4712) == 0 &&
                          ::fchmod(file.get(), 04755) == 0 &&
                          ::mknodat(root, "null", S_IFCHR | 0666, makedev(1, 3)) == 0 &&
                          ::mkdirat(root, "directory", 0700) == 0 &&
                          ::linkat(root, "inside", root, "directory/link", 0) == 0;
        return good ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
    struct stat found {};
    REQUIRE(::stat((world.staging + "/directory/link").c_str(), &found) == 0);
    CHECK(found.st_uid == 4711);
    CHECK((found.st_mode & 07777) == 04755);
    REQUIRE(::stat((world.staging + "/null").c_str(), &found) == 0);
    CHECK(found.st_rdev == makedev(1, 3));
}

TEST_CASE("K8: where unshare is refused, Landlock holds and nothing lands in the host's root",
          "[confine]") {
    if (landlock_version() == 0) {
        SKIP("the kernel has no Landlock");
    }
    const World world;
    const int code = exit_code_of([&] {
        refuse_call(SCMP_SYS(unshare), EPERM);
        const Confined confined = confine(world.confinement(kAllFences));
        if ((confined.fences & static_cast<unsigned>(Fence::Mounts)) != 0 || !confined.root) {
            return kNotConfined;
        }
        const Fd inside(::openat(confined.root.get(), "inside", O_WRONLY | O_CREAT | O_EXCL, 0644));
        const Fd outside(::open("/slipway-must-not-be-here", O_WRONLY | O_CREAT | O_EXCL, 0644));
        return inside && !outside ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
    CHECK(std::filesystem::exists(world.staging + "/inside"));
    CHECK_FALSE(std::filesystem::exists("/slipway-must-not-be-here"));
}

TEST_CASE("K8: where namespaces and Landlock are both refused, the program stops", "[confine]") {
    const World world;
    const int code = exit_code_of([&] {
        refuse_call(SCMP_SYS(unshare), EPERM);
        refuse_call(SCMP_SYS(landlock_create_ruleset), ENOSYS);
        try {
            static_cast<void>(confine(world.confinement(kAllFences)));
        } catch (const Error& error) {
            return error.kind() == Kind::Unsupported ? kWorked : kFailed;
        }
        return kFailed;
    });
    CHECK(code == kWorked);
}

TEST_CASE("K9: a system call outside the filter ends the program and is named", "[confine]") {
    const World world;
    TempDir top;
    const std::string log = (top / "stderr").string();
    const int code = exit_code_of([&] {
        const Fd file(::open(log.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        ::dup2(file.get(), STDERR_FILENO);
        const Confined confined = confine(world.confinement(kAllFences));
        ::socket(AF_INET, SOCK_STREAM, 0);
        return kFailed;
    });
    CHECK(code == 128 + SIGSYS);
    CHECK_THAT(tests::read_file(log),
               contains("system call 0041 is outside the filter of this program"));
}

TEST_CASE("an empty view holds nothing and takes nothing", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    const int code = exit_code_of([&] {
        Confinement wanted;
        wanted.view = View::Nothing;
        const Confined confined = confine(wanted);
        const Fd file(::open("/file", O_WRONLY | O_CREAT, 0600));
        const Fd etc(::open("/etc", O_RDONLY));
        return file || etc ? kFailed : kWorked;
    });
    CHECK(code == kWorked);
}

TEST_CASE("a view of the host can be read but not written", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: mount namespaces");
    }
    const World world;
    const int code = exit_code_of([&] {
        Confinement wanted;
        wanted.view = View::HostRead;
        wanted.filter = Filter::Check;
        const Confined confined = confine(wanted);
        const Fd passwd(::open("/etc/passwd", O_RDONLY));
        const Fd scratch(::open("/tmp/scratch", O_WRONLY | O_CREAT | O_EXCL, 0600));
        const Fd outside(::open("/var/tmp/slipway-outside", O_WRONLY | O_CREAT, 0600));
        return passwd && scratch && !outside ? kWorked : kFailed;
    });
    CHECK(code == kWorked);
}
