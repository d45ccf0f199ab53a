// Children, messages between them, anonymous files, waiting that can be stopped.

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "base/wait.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace std::chrono_literals;

namespace {

ChildSpec shell(std::string script) {
    ChildSpec spec;
    spec.program = "/bin/sh";
    spec.arguments = {"-c", std::move(script)};
    return spec;
}

} // namespace

TEST_CASE("a child says how it ended", "[child]") {
    CHECK(ChildProcess(shell("exit 7")).wait().code == 7);
    ChildProcess killed(shell("kill -9 $$"));
    CHECK(killed.wait().signaled);
    CHECK(killed.wait().description() == "was killed by signal 9 (Killed)");
}

TEST_CASE("a child that cannot start is an error with a reason", "[child]") {
    ChildSpec spec;
    spec.program = "/nonexistent/program";
    CHECK_THROWS_WITH(ChildProcess(spec),
                      contains("cannot start '/nonexistent/program'") && contains("No such file"));
}

TEST_CASE("a child has exactly the descriptors it was given", "[child]") {
    const Fd secret(::open("/dev/zero", O_RDONLY)); // without close-on-exec, on purpose
    const Fd out = make_memfd();
    const Fd swapped = make_memfd();
    ChildSpec spec = shell("ls /proc/self/fd | tr '\\n' ' '; echo here >&3");
    // Each number is the other's source: a naive sequence of dup2 would mix them up.
    spec.fds = {{out.get(), STDOUT_FILENO}, {swapped.get(), 3}};
    CHECK(ChildProcess(spec).wait().success());
    // 3 is ours, 4 is ls's own view of the directory.
    CHECK(read_all(out.get(), 1000) == "0 1 2 3 4 ");
    CHECK(read_all(swapped.get(), 1000) == "here\n");
}

TEST_CASE("descriptors that swap their numbers arrive unmixed", "[child]") {
    const Fd first = make_sealed_memfd("first");
    const Fd second = make_sealed_memfd("second");
    const Fd out = make_memfd();
    ChildSpec spec = shell("cat /proc/self/fd/" + std::to_string(first.get()));
    spec.fds = {
        {out.get(), STDOUT_FILENO}, {second.get(), first.get()}, {first.get(), second.get()}};
    CHECK(ChildProcess(spec).wait().success());
    CHECK(read_all(out.get(), 1000) == "second");
}

TEST_CASE("what a child said last on its standard error is kept", "[child]") {
    ChildSpec spec = shell("echo one >&2; echo two >&2");
    spec.capture_stderr = true;
    ChildProcess child(spec);
    CHECK(child.wait().success());
    CHECK(child.stderr_tail() == "one\ntwo\n");
    CHECK(child.stderr_tail(4) == "two\n");
}

TEST_CASE("what a child says beyond a mebibyte is lost, not stored", "[child]") {
    ChildSpec spec = shell("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 5");
    spec.capture_stderr = true;
    ChildProcess child(spec);
    CHECK(child.wait().code == 5);
    CHECK(child.stderr_tail(4 * MiB) == std::string(MiB, 'x'));
}

TEST_CASE("a child inherits neither ignored nor blocked signals", "[child]") {
    const Fd out = make_memfd();
    ::signal(SIGUSR1, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigset_t before;
    ::pthread_sigmask(SIG_BLOCK, &blocked, &before);
    ChildSpec spec;
    spec.program = "/bin/cat";
    spec.arguments = {"/proc/self/status"};
    spec.fds = {{out.get(), STDOUT_FILENO}};
    CHECK(ChildProcess(spec).wait().success());
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::signal(SIGUSR1, SIG_DFL);
    const std::string status = read_all(out.get(), 10000);
    CHECK_THAT(status, contains("SigBlk:\t0000000000000000\n"));
    CHECK_THAT(status, contains("SigIgn:\t0000000000000000\n"));
}

TEST_CASE("K7: used up descriptors are an error that names the limit", "[child]") {
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit none{3, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    std::optional<Error> found; // judged when there are descriptors again: the sanitizers need some
    try {
        static_cast<void>(make_memfd());
    } catch (const Error& error) {
        found = error;
    }
    ::setrlimit(RLIMIT_NOFILE, &before);
    REQUIRE(found);
    CHECK(found->kind() == Kind::Limit);
    CHECK(std::string(found->what()) == "cannot make an anonymous file: this process may have 3 "
                                        "descriptors open (ulimit -n)");
}

TEST_CASE("a child that is let go of is killed and reaped", "[child]") {
    pid_t pid = 0;
    {
        ChildProcess child(shell("exec sleep 1000"));
        pid = child.pid();
        CHECK_FALSE(child.wait_for(1ms));
    }
    CHECK(::kill(pid, 0) == -1);
}

TEST_CASE("a message carries its text and its descriptors", "[message]") {
    auto [left, right] = make_message_pair();
    const Fd document = make_sealed_memfd("content");
    send_message(left.get(), R"({"id":1})", {document.get()});
    send_message(left.get(), "second");
    const auto first = receive_message(right.get(), {});
    REQUIRE(first);
    CHECK(first->text == R"({"id":1})");
    REQUIRE(first->fds.size() == 1);
    CHECK(read_all(first->fds[0].get(), 100) == "content");
    CHECK((::fcntl(first->fds[0].get(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(receive_message(right.get(), {})->text == "second");
    left.reset();
    CHECK_FALSE(receive_message(right.get(), {}));
}

TEST_CASE("waiting for a message ends at the deadline, and at a stop", "[message]") {
    auto [left, right] = make_message_pair();
    CHECK_THROWS_AS(receive_message(right.get(), {}, std::chrono::steady_clock::now() + 5ms),
                    Error);
    std::stop_source stop;
    std::jthread stopper([&stop] { stop.request_stop(); });
    CHECK_THROWS_AS(receive_message(right.get(), stop.get_token()), Canceled);
}

TEST_CASE("a sealed document cannot be changed by anybody", "[memfd]") {
    const Fd document = make_sealed_memfd("content");
    CHECK(::write(document.get(), "x", 1) == -1);
    CHECK(::ftruncate(document.get(), 0) == -1);
    CHECK(::mmap(nullptr, 7, PROT_WRITE, MAP_SHARED, document.get(), 0) == MAP_FAILED);
    CHECK(read_all(document.get(), 7) == "content");
    CHECK_THROWS_AS(read_all(document.get(), 6), Error);
}
