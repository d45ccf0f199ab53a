// Calls outside the filter: each ends the program with its number, or is refused.

#include <cerrno>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/confine.hh"
#include "tests/base/confined_child.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

// How a program behind the filter ends that goes on to make `call`, and what it said.
struct Ended {
    int code;
    std::string text;
};

Ended behind(Filter filter, const std::function<int()>& call) {
    const TempDir top;
    const std::string log = (top / "stderr").string();
    write_file(log, "");
    const int code = exit_code_of([&] {
        const Fd file(::open(log.c_str(), O_WRONLY | O_CLOEXEC));
        ::dup2(file.get(), STDERR_FILENO);
        Confinement wanted;
        wanted.view = View::HostRead;
        wanted.filter = filter;
        const Confined confined = confine(wanted);
        return call();
    });
    return {code, read_file(log)};
}

} // namespace

TEST_CASE("K9: a system call outside the filter ends the program and is named", "[confine]") {
    const Ended ended =
        behind(Filter::Unpack, [] { return ::socket(AF_INET, SOCK_STREAM, 0) < 0 ? 1 : 0; });
    CHECK(ended.code == 128 + SIGSYS);
    CHECK(ended.text ==
          fmt::format("system call {:04} is outside the filter of this program\n", SYS_socket));
}

#ifdef __x86_64__
TEST_CASE("a system call by the number of another ABI ends the program", "[confine]") {
    constexpr long kX32 = 0x40000000;
    const Ended ended =
        behind(Filter::Unpack, [] { return static_cast<int>(::syscall(kX32 | SYS_getpid)); });
    CHECK(ended.code == 128 + SIGSYS);
}
#endif

TEST_CASE("signals reach no other program", "[confine]") {
    const pid_t parent = ::getpid();
    const auto refused = [parent] { return ::kill(parent, 0) < 0 && errno == EPERM ? 7 : 8; };
    CHECK(behind(Filter::Unpack, refused).code == 7);
    CHECK(behind(Filter::Fetch, refused).code == 7);
    CHECK(behind(Filter::Check, refused).code == 7);
    CHECK(behind(Filter::Check, [] { return ::kill(0, 0) == 0 ? 7 : 8; }).code == 7);
}

TEST_CASE("slipway-check starts programs but makes no namespaces", "[confine]") {
    CHECK(behind(Filter::Check, [] {
              const pid_t child = ::fork();
              if (child == 0) {
                  ::execl("/bin/true", "true", nullptr);
              }
              int status = 1;
              return ::waitpid(child, &status, 0) == child && status == 0 ? 7 : 8;
          }).code == 7);
    CHECK(behind(Filter::Check, [] {
              return static_cast<int>(
                  ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0));
          }).code == 128 + SIGSYS);
    CHECK(behind(Filter::Unpack, [] { return static_cast<int>(::fork()); }).code == 128 + SIGSYS);
}

TEST_CASE("slipway-fetch opens files for reading only", "[confine]") {
    if (::geteuid() != 0) {
        SKIP("needs root: another user's rights would refuse as well");
    }
    const TempDir top;
    const std::string path = (top / "file").string();
    write_file(path, "");
    CHECK(behind(Filter::Fetch, [&path] {
              const bool reads = Fd(::open(path.c_str(), O_RDONLY)).get() >= 0;
              const bool writes = Fd(::open(path.c_str(), O_WRONLY)).get() >= 0;
              return reads && !writes ? 7 : 8;
          }).code == 7);
}
