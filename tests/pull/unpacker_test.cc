// The keeper's end when the program does not do what it should: killed, mute, out of its mind, out
// of memory or of descriptors.

#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "pull/unpacker.hh"
#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// A running slipway-unpack whose input has not ended.
struct Running {
    TempDir staging;
    Fd in;
    Fd out;
    std::optional<pull::Unpacker> unpacker;

    Running() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        in.reset(ends[0]);
        out.reset(ends[1]);
        const Fd root(::open(staging.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        unpacker.emplace(pull::UnpackRequest{.name = "the input"}, root.get(), in.get());
        in.reset();
    }

    // Until it is confined and at work.
    void await_start() {
        REQUIRE(std::holds_alternative<pull::UnpackProgress>(unpacker->next({})));
    }

    // The last answer, or the error that stands for it.
    Outcome end() {
        Outcome outcome;
        try {
            for (;;) {
                const pull::UnpackAnswer answer = unpacker->next({});
                if (const auto* failure = std::get_if<pull::UnpackFailure>(&answer)) {
                    outcome.kind = failure->kind;
                    outcome.error = failure->text;
                    break;
                }
                if (const auto* done = std::get_if<pull::UnpackDone>(&answer)) {
                    outcome.tree = std::get<pull::Unpacked>(done->what);
                    break;
                }
            }
        } catch (const Error& error) {
            outcome.kind = error.kind();
            outcome.error = error.what();
        }
        return outcome;
    }

    void limit(__rlimit_resource what, rlim_t value) const {
        const rlimit both{value, value};
        REQUIRE(::prlimit(unpacker->pid(), what, &both, nullptr) == 0);
    }

    // Writes `text` and ends the input; the program may be gone before it has read all.
    void feed(const std::string& text) {
        struct sigaction ignore {};
        struct sigaction before {};
        ignore.sa_handler = SIG_IGN;
        ::sigaction(SIGPIPE, &ignore, &before);
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t wrote = ::write(out.get(), text.data() + done, text.size() - done);
            if (wrote <= 0) {
                break;
            }
            done += static_cast<std::size_t>(wrote);
        }
        ::sigaction(SIGPIPE, &before, nullptr);
        out.reset();
    }
};

// Another slipway-unpack: a script.
class Impostor {
public:
    explicit Impostor(const std::string& script) {
        write_file(directory_ / "slipway-unpack", "#!/bin/sh\n" + script + "\n");
        REQUIRE(::chmod((directory_ / "slipway-unpack").c_str(), 0755) == 0);
        find_programs_in(directory_.path());
    }
    ~Impostor() { find_programs_in(program("slipway-unpack").parent_path()); }
    Impostor(const Impostor&) = delete;
    Impostor& operator=(const Impostor&) = delete;

private:
    TempDir directory_;
};

std::string long_tar() {
    std::string tar;
    for (int i = 0; i < 100; ++i) {
        tar += tar_file("f" + std::to_string(i), std::string(10'000, 'x'));
    }
    return tar + tar_end();
}

} // namespace

TEST_CASE("K5: a program that is killed is named with its signal", "[pull][program]") {
    Running job;
    job.await_start();
    ::kill(job.unpacker->pid(), SIGTERM);
    const Outcome outcome = job.end();
    CHECK(outcome.kind == Kind::Internal);
    CHECK(outcome.error == "slipway-unpack was killed by signal 15 (Terminated) without an answer");
}

TEST_CASE("K6: a program that the kernel kills is taken for one out of memory", "[pull][program]") {
    Running job;
    job.await_start();
    ::kill(job.unpacker->pid(), SIGKILL);
    const Outcome outcome = job.end();
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("slipway-unpack was killed by signal 9 (Killed)"));
    CHECK_THAT(outcome.error, contains("memory"));
}

TEST_CASE("K5: a program that ends without a word, or with garbage, fails the job",
          "[pull][program]") {
    SECTION("without a word") {
        const Impostor impostor("exit 3");
        Running job;
        const Outcome outcome = job.end();
        CHECK(outcome.kind == Kind::Internal);
        CHECK(outcome.error == "slipway-unpack exited with status 3 without an answer");
    }
    SECTION("with garbage") {
        const Impostor impostor("printf garbage >&3");
        Running job;
        const Outcome outcome = job.end();
        CHECK(outcome.kind == Kind::Internal);
        CHECK(outcome.error == "expected a JSON object, found 'garbage'");
    }
    SECTION("with half a line") {
        const Impostor impostor("printf '{\"answer\": \"unpa' >&3");
        Running job;
        CHECK(job.end().kind == Kind::Internal);
    }
    SECTION("with an escape sequence on stderr") {
        const Impostor impostor("printf '\\033[31mred' >&2; exit 1");
        Running job;
        CHECK(job.end().error ==
              "slipway-unpack exited with status 1 without an answer: \\x1b[31mred");
    }
    SECTION("with an answer, before it reads the request") {
        const Impostor impostor(
            "printf '{\"answer\": \"error\", \"kind\": \"denied\", \"text\": \"no\"}' >&3");
        Running job;
        const Outcome outcome = job.end();
        CHECK(outcome.kind == Kind::Denied);
        CHECK(outcome.error == "no");
    }
}

TEST_CASE("K9: a system call outside the filter reaches the keeper with its number",
          "[pull][program]") {
    const Impostor impostor(
        "echo 'system call 0041 is outside the filter of this program' >&2; kill -SYS $$");
    Running job;
    const Outcome outcome = job.end();
    CHECK(outcome.kind == Kind::Internal);
    CHECK(outcome.error == "slipway-unpack was killed by signal 31 (Bad system call) without an "
                           "answer: system call 0041 is outside the filter of this program");
}

TEST_CASE("K6: a program without memory says so", "[pull][program]") {
    if (kSanitized) {
        SKIP("a sanitizer needs its address space");
    }
    Running job;
    job.await_start();
    // What it has now is all it gets; directories have to be remembered.
    job.limit(RLIMIT_AS, 1);
    job.limit(RLIMIT_DATA, 1);
    std::string tar;
    for (int i = 0; i < 20'000; ++i) {
        tar += tar_directory("d" + std::to_string(i) + "/");
    }
    job.feed(tar + tar_end());
    const Outcome outcome = job.end();
    CHECK_FALSE(outcome.tree);
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("memory"));
}

TEST_CASE("K7: a program without descriptors says so", "[pull][program]") {
    Running job;
    job.await_start();
    job.limit(RLIMIT_NOFILE, 3);
    job.feed(long_tar());
    const Outcome outcome = job.end();
    CHECK_FALSE(outcome.tree);
    CHECK(outcome.kind == Kind::Limit);
    CHECK_THAT(outcome.error, contains("this process may have 3 descriptors open"));
}

TEST_CASE("P1: a file larger than the program may write is refused by name", "[pull][program]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Running job;
    job.await_start();
    job.limit(RLIMIT_FSIZE, 4096);
    job.feed(long_tar());
    const Outcome outcome = job.end();
    CHECK_FALSE(outcome.tree);
    CHECK(outcome.error != "");
}

TEST_CASE("a stop request ends the wait for an answer at once", "[pull][program]") {
    Running job;
    job.await_start();
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(job.unpacker->next(stop.get_token()), Canceled);
}
