// A signature over bytes that stream by: what it says, and that nothing waits for a check that is
// gone, hangs or is not wanted any more.

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/check/stand_in_engine.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/minisigner.hh"
#include "verify/checker.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace std::chrono_literals;

namespace {

using Clock = std::chrono::steady_clock;

// Writing into a pipe that nobody reads is an error here, as in our programs.
struct NoPipeSignal {
    NoPipeSignal() { ::signal(SIGPIPE, SIG_IGN); }
    ~NoPipeSignal() { ::signal(SIGPIPE, SIG_DFL); }
};

// Whether all of it could be written.
bool feed(int fd, std::string_view bytes) {
    const NoPipeSignal none;
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            REQUIRE(errno == EPIPE);
            return false;
        }
        bytes.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return true;
}

SignatureReport check(const SignatureChecker& checker, std::string_view signature,
                      std::string_view bytes) {
    StreamedCheck streamed(checker, signature);
    feed(streamed.input(), bytes);
    return streamed.finish({});
}

SignatureStatus status(const SignatureChecker& checker, std::string_view signature,
                       std::string_view bytes) {
    const SignatureReport report = check(checker, signature, bytes);
    REQUIRE(report.signatures.size() == 1);
    return report.signatures[0].status;
}

// How the check ends.
std::string failure(StreamedCheck& streamed) {
    try {
        return "it did not fail: " + to_json(streamed.finish({}));
    } catch (const Error& error) {
        CHECK(error.verdict() == VerdictWord::EngineFailed);
        return error.what();
    }
}

// The engine that verifies for the one check of this process; not the one that tells its version.
pid_t find_engine() {
    for (;;) {
        const std::string check =
            run({"pgrep", "-P", std::to_string(::getpid()), "slipway-check"}).out;
        const std::string engine =
            check.empty()
                ? ""
                : run({"pgrep", "-g", check.substr(0, check.find('\n')), "-f", "^gpg .*--verify"})
                      .out;
        if (!engine.empty()) {
            return static_cast<pid_t>(std::stol(engine));
        }
        std::this_thread::yield();
    }
}

// More than the pipe and the engine's hold.
std::string large() {
    std::string bytes(5'000'000, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<char>(i * 2654435761U >> 13);
    }
    return bytes;
}

} // namespace

TEST_CASE("G14: a signature over streamed bytes is judged on these bytes", "[verify][streamed]") {
    const std::string bytes = large();
    Signed one;
    Minisigner minisign;
    write_file(one.directory / "key.pub", minisign.public_key());
    const SignatureChecker checker({one.ring(), one.directory / "key.pub"});
    const std::string armored = one.keyring.sign_detached(bytes, {.keys = {one.key}});
    const std::string binary =
        one.keyring.sign_detached(bytes, {.keys = {one.key}, .armored = false});
    for (const std::string& signature : {armored, binary, minisign.sign(bytes)}) {
        const SignatureReport report = check(checker, signature, bytes);
        REQUIRE(report.signatures.size() == 1);
        CHECK(report.signatures[0].status == SignatureStatus::Good);
        CHECK(report.signatures[0].rings.size() == 1);
        CHECK(report.keys == 2);
        for (const std::size_t at : {std::size_t{0}, bytes.size() / 2, bytes.size() - 1}) {
            std::string changed = bytes;
            changed[at] ^= 1;
            CHECK(status(checker, signature, changed) == SignatureStatus::Bad);
        }
        CHECK(status(checker, signature, bytes + "x") == SignatureStatus::Bad);
        CHECK(status(checker, signature, bytes.substr(1)) == SignatureStatus::Bad);
    }
}

TEST_CASE("G14: one byte changed anywhere makes a streamed signature bad", "[verify][streamed]") {
    const Signed one;
    for (std::size_t at = 0; at < 4; ++at) {
        std::string changed = "text";
        changed[at] ^= 1;
        CHECK(status(one.checker(), one.signature, changed) == SignatureStatus::Bad);
        CHECK(status(one.checker(), one.signature, changed.substr(0, at)) == SignatureStatus::Bad);
    }
    CHECK(status(one.checker(), one.signature, "text") == SignatureStatus::Good);
}

TEST_CASE("bytes that come slowly meet no deadline", "[verify][streamed]") {
    const Signed one;
    StreamedCheck streamed(one.checker(2s), one.signature);
    for (const char* byte : {"t", "e", "x", "t"}) {
        std::this_thread::sleep_for(700ms);
        REQUIRE(feed(streamed.input(), byte));
    }
    CHECK(streamed.finish({}).signatures.at(0).status == SignatureStatus::Good);
}

TEST_CASE("what cannot be checked over a stream says so, and its writer is let go",
          "[verify][streamed]") {
    Minisigner minisign;
    const TempDir directory;
    write_file(directory / "key.pub", minisign.public_key());
    const SignatureChecker checker({directory / "key.pub"});
    const std::string bytes = large();
    struct Row {
        std::string signature;
        SignatureStatus status;
    };
    for (const Row& row :
         {Row{minisign.sign(bytes, {.legacy = true}), SignatureStatus::Unsupported},
          Row{"-----BEGIN SSH SIGNATURE-----\n", SignatureStatus::Unsupported},
          Row{Minisigner().sign(bytes), SignatureStatus::UnknownKey}}) {
        StreamedCheck streamed(checker, row.signature);
        CHECK_FALSE(feed(streamed.input(), bytes)); // nobody reads
        const SignatureReport report = streamed.finish({});
        REQUIRE(report.signatures.size() == 1);
        CHECK(report.signatures[0].status == row.status);
    }
    StreamedCheck streamed(checker, "<html>");
    CHECK_FALSE(feed(streamed.input(), bytes));
    CHECK(streamed.finish({}).signatures.empty());
}

TEST_CASE("G15: a streamed check without an engine names the package and lets the writer go",
          "[verify][streamed]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    std::string said;
    {
        const NoEngine none;
        StreamedCheck streamed(one.checker(), one.signature);
        CHECK_FALSE(feed(streamed.input(), large()));
        said = failure(streamed);
    }
    CHECK(said == "cannot check signatures: there is no OpenPGP engine; install the package 'gpg'; "
                  "nothing was stored");
}

TEST_CASE("G15: an engine killed in the middle of the stream is no verdict and no hang",
          "[verify][streamed]") {
    const Signed one;
    {
        StreamedCheck streamed(one.checker(), one.signature);
        REQUIRE(feed(streamed.input(), "t"));
        ::kill(find_engine(), SIGKILL);
        feed(streamed.input(), large());
        CHECK_THAT(failure(streamed), contains("the OpenPGP engine died"));
    }
    CHECK(check_homes().empty());
    CHECK_FALSE(runs("slipway-check-"));
}

TEST_CASE("G15: an engine killed before the end of a short stream is no verdict, either",
          "[verify][streamed]") {
    const Signed one;
    StreamedCheck streamed(one.checker(), one.signature);
    REQUIRE(feed(streamed.input(), "t"));
    ::kill(find_engine(), SIGKILL);
    feed(streamed.input(), "ext");
    CHECK_THAT(failure(streamed), contains("the OpenPGP engine died"));
}

TEST_CASE("G15: an engine that reads nothing is given up, and its writer let go",
          "[verify][streamed]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    const auto start = Clock::now();
    {
        StreamedCheck streamed(one.checker(700ms), one.signature);
        CHECK_FALSE(feed(streamed.input(), large()));
        CHECK(Clock::now() - start < 20s);
        CHECK_THAT(failure(streamed), contains("the OpenPGP engine hangs"));
    }
    CHECK_FALSE(runs(hang()));
    CHECK(check_homes().empty());
}

TEST_CASE("G15: an engine that hangs behind the last byte meets the deadline",
          "[verify][streamed]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    {
        StreamedCheck streamed(one.checker(700ms), one.signature);
        REQUIRE(feed(streamed.input(), "text"));
        CHECK_THAT(failure(streamed), contains("cannot check signatures: "));
    }
    CHECK_FALSE(runs(hang()));
}

TEST_CASE("G15: an engine that dies without a word is no success of a streamed check",
          "[verify][streamed]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    for (const std::string death :
         {"exit 0\n", "exit 2\n", "kill -9 0\n", "exec cat >/dev/null\n"}) {
        INFO(death);
        const OtherEngine dies(kVersion + death);
        StreamedCheck streamed(one.checker(2s), one.signature);
        feed(streamed.input(), "text");
        CHECK_THAT(failure(streamed), contains("cannot check signatures: "));
    }
}

TEST_CASE("a streamed check that is canceled ends at once and leaves nothing",
          "[verify][streamed]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    Clock::time_point start;
    {
        StreamedCheck streamed(one.checker(), one.signature);
        REQUIRE(feed(streamed.input(), "text"));
        while (!runs(hang())) {
            std::this_thread::yield();
        }
        start = Clock::now();
        std::stop_source stop;
        const std::jthread stopper([&stop] { stop.request_stop(); });
        CHECK_THROWS_AS(streamed.finish(stop.get_token()), Canceled);
    }
    CHECK(Clock::now() - start < 1s);
    CHECK_FALSE(runs(hang()));
    CHECK(check_homes().empty());
}

TEST_CASE("a streamed check that nobody finishes leaves nothing, and its pipe breaks",
          "[verify][streamed]") {
    const Signed one;
    Fd copy;
    {
        StreamedCheck streamed(one.checker(), one.signature);
        CHECK((::fcntl(streamed.input(), F_GETFD) & FD_CLOEXEC) != 0);
        copy.reset(::fcntl(streamed.input(), F_DUPFD_CLOEXEC, 3));
        streamed.close_input();
        REQUIRE(feed(copy.get(), "te"));
    }
    // The engine was killed with its group; the kernel closes what it held an instant later.
    pollfd broken{copy.get(), 0, 0};
    CHECK(::poll(&broken, 1, 5000) == 1);
    CHECK_FALSE(feed(copy.get(), "xt"));
    CHECK_FALSE(runs("slipway-check-"));
    CHECK(check_homes().empty());
}
