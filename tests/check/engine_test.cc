// The engine misbehaves, the caller has a configuration of his own, the host has no namespaces:
// slipway-check through its keeper's end.

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "tests/catch.hh"
#include "tests/check/stand_in_engine.hh"
#include "tests/support/loop_fs.hh"
#include "verify/checker.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::verify;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct Failure {
    std::optional<VerdictWord> verdict;
    std::string text;
};

// How checking the signature fails.
Failure failure(const SignatureChecker& checker, const std::string& signature) {
    try {
        checker.check_detached("text", signature, {});
    } catch (const Error& error) {
        return {error.verdict(), error.what()};
    }
    return {};
}

// Every file below a directory with its content and time.
std::string listing(const fs::path& directory) {
    return run_ok({"find", directory.string(), "-printf", "%P %y %s %T@ %C@\\n"});
}

} // namespace

TEST_CASE("a good signature is told with everything that is known of it", "[verify][check]") {
    const Signed one;
    const SignatureReport report = one.checker().check_detached("text", one.signature, {});
    REQUIRE(report.signatures.size() == 1);
    const Signature& signature = report.signatures[0];
    CHECK(signature.status == SignatureStatus::Good);
    CHECK(signature.fingerprint.size() == 40);
    CHECK(signature.primary == signature.fingerprint);
    CHECK(signature.owner == "Test Publisher <publisher@example.org>");
    CHECK(signature.hash == "SHA512");
    CHECK(signature.key_kind == "EdDSA");
    CHECK(signature.key_bits == 255);
    CHECK_FALSE(signature.weak_hash);
    CHECK_FALSE(signature.weak_key);
    CHECK(signature.created > 1'700'000'000);
    CHECK(signature.key_expires == 0);
    CHECK(report.keys == 1);
    CHECK(report.warnings.empty());
    CHECK(report.text.empty());
}

TEST_CASE("of a clearsigned document comes the text that is signed", "[verify][check]") {
    const Signed one;
    const SignatureReport report =
        one.checker().check_clearsigned("before\n" + one.clearsigned + "after\n", {});
    REQUIRE(report.signatures.size() == 1);
    CHECK(report.signatures[0].status == SignatureStatus::Good);
    CHECK(report.text == "text\n");
}

TEST_CASE("nothing of a check is left behind", "[verify][check]") {
    const Signed one;
    one.checker().check_detached("text", one.signature, {});
    CHECK(check_homes().empty());
    CHECK_FALSE(runs("slipway-check-")); // its home is in every command line of the engine
}

TEST_CASE("key rings that are missing are passed over, others that cannot be read warned about",
          "[verify][check]") {
    const Signed one;
    const SignatureChecker checker(
        {"/nonexistent/ring.gpg", one.ring(), one.directory.path(), "/dev/null"});
    const SignatureReport report = checker.check_detached("text", one.signature, {});
    CHECK(report.signatures.at(0).status == SignatureStatus::Good);
    CHECK(report.warnings == std::vector<std::string>{"key ring '" + one.directory.path().string() +
                                                          "': it is not a file",
                                                      "key ring '/dev/null': it is not a file"});
}

TEST_CASE("G15: without an engine the package that brings it is named", "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const SignatureChecker checker = one.checker();
    const auto failed = [&] {
        const NoEngine none;
        return failure(checker, one.signature);
    }();
    CHECK(failed.verdict == VerdictWord::EngineFailed);
    CHECK(failed.text == "cannot check signatures: there is no OpenPGP engine; install the package "
                         "'gpg'; nothing was stored");
}

TEST_CASE("G15: an engine that hangs meets the deadline, and nothing of it goes on",
          "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const auto failed = [&] {
        const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
        return failure(one.checker(500ms), one.signature);
    }();
    CHECK(failed.verdict == VerdictWord::EngineFailed);
    CHECK(failed.text == "cannot check signatures: slipway-check did not answer in time; nothing "
                         "was stored");
    CHECK_FALSE(runs(hang()));
    CHECK(check_homes().empty());
}

TEST_CASE("G15: an engine that hangs already at its version meets the deadline, too",
          "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const auto failed = [&] {
        const OtherEngine hangs("exec " + hang() + "\n");
        return failure(one.checker(500ms), one.signature);
    }();
    CHECK(failed.verdict == VerdictWord::EngineFailed);
    CHECK_FALSE(runs(hang()));
}

TEST_CASE("G15: an engine that dies without a word is no success", "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    // Whether GPGME sees an end or waits for ever is a race in it; both end as engine-failed.
    for (const std::string death : {"exit 0\n", "exit 2\n", "kill -9 0\n"}) {
        INFO(death);
        const auto failed = [&] {
            const OtherEngine dies(kVersion + death);
            return failure(one.checker(2s), one.signature);
        }();
        CHECK(failed.verdict == VerdictWord::EngineFailed);
        CHECK_THAT(failed.text, contains("cannot check signatures: "));
    }
    CHECK(check_homes().empty());
}

TEST_CASE("checking stops at once when somebody asks to stop", "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    std::stop_source stop;
    const std::jthread stopper([&stop] { stop.request_stop(); });
    CHECK_THROWS_AS(one.checker().check_detached("text", one.signature, stop.get_token()),
                    Canceled);
    CHECK_FALSE(runs(hang()));
}

TEST_CASE("a check whose keeper is gone ends, and takes the engine along", "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    auto [ours, theirs] = make_message_pair();
    ChildSpec spec;
    spec.program = program("slipway-check");
    spec.fds = {{theirs.get(), 3}};
    ChildProcess check(spec);
    theirs.reset();
    const Fd statement = make_sealed_memfd("text");
    const Fd signature = make_sealed_memfd(one.signature);
    const Fd ring = make_sealed_memfd(read_file(one.ring()));
    send_message(ours.get(),
                 R"({"protocol":1,"do":"verify","form":"detached","rings":["r"],"more":false})",
                 {statement.get(), signature.get(), ring.get()});
    while (!runs(hang())) {
        std::this_thread::yield();
    }
    ours.reset();
    const std::optional<ChildExit> exit = check.wait_for(10s);
    REQUIRE(exit);
    CHECK(exit->description() == "was killed by signal 9 (Killed)");
    CHECK_FALSE(runs(hang()));
}

TEST_CASE("G16: GNUPGHOME, ~/.gnupg and what is configured there are neither read nor written",
          "[verify][engine]") {
    const Signed one;
    const TempDir home;
    fs::create_directory(home / ".gnupg");
    for (const fs::path& theirs : {one.keyring.home(), home / ".gnupg"}) {
        write_file(theirs / "gpg.conf", "this is no option of gpg\n");
    }
    write_file(home / ".gnupg/pubring.gpg", read_file(one.ring()));
    ::setenv("GNUPGHOME", one.keyring.home().c_str(), 1);
    const char* old_home = ::getenv("HOME");
    const std::string kept = old_home == nullptr ? "" : old_home;
    ::setenv("HOME", home.path().c_str(), 1);
    const std::string before = listing(one.keyring.home()) + listing(home.path());
    const SignatureReport known = one.checker().check_detached("text", one.signature, {});
    const SignatureReport unknown = SignatureChecker({}).check_detached("text", one.signature, {});
    const std::string after = listing(one.keyring.home()) + listing(home.path());
    ::unsetenv("GNUPGHOME");
    ::setenv("HOME", kept.c_str(), 1);
    fs::remove(one.keyring.home() / "gpg.conf");
    CHECK(known.signatures.at(0).status == SignatureStatus::Good);
    CHECK(unknown.signatures.at(0).status == SignatureStatus::UnknownKey);
    CHECK(unknown.keys == 0);
    CHECK(before == after);
}

namespace {

// Runs `work` in a child that is nobody, so that namespaces are refused; what it says.
template <typename Work>
std::string as_nobody(Work work) {
    const Fd said = make_memfd();
    const pid_t pid = ::fork();
    if (pid == 0) {
        std::string text = "cannot become nobody";
        if (::setgid(65534) == 0 && ::setuid(65534) == 0) {
            try {
                text = work();
            } catch (const std::exception& error) {
                text = error.what();
            }
        }
        write_all(said.get(), text);
        ::_exit(0);
    }
    ::waitpid(pid, nullptr, 0);
    return read_all(said.get(), 4096);
}

// Why a test cannot be run by another user; nothing when it can.
std::optional<std::string> no_other_user() {
    if (::geteuid() != 0) {
        return "only root can become another user";
    }
    const std::string check = program("slipway-check").string();
    const std::string reachable =
        as_nobody([&] { return std::string(::access(check.c_str(), X_OK) == 0 ? "yes" : "no"); });
    if (reachable != "yes") {
        return "the build tree is not readable by other users";
    }
    return std::nullopt;
}

} // namespace

TEST_CASE("without namespaces a check works behind Landlock and leaves no home",
          "[verify][engine]") {
    if (auto why = no_other_user()) {
        SKIP(*why);
    }
    const Signed one;
    const std::string said = as_nobody([&] {
        const SignatureReport report = one.checker().check_detached("text", one.signature, {});
        return std::string(report.signatures.at(0).status == SignatureStatus::Good ? "good" : "?");
    });
    CHECK(said == "good");
    CHECK(check_homes().empty());
}

TEST_CASE("without namespaces a hanging engine leaves no home, either", "[verify][engine]") {
    if (auto why = no_other_user() ? no_other_user() : no_mounts()) {
        SKIP(*why);
    }
    const Signed one;
    const OtherEngine hangs(kVersion + ("exec " + hang() + "\n"));
    const std::string said =
        as_nobody([&] { return failure(one.checker(1s), one.signature).text; });
    CHECK_THAT(said, contains("did not answer in time"));
    CHECK(check_homes().empty());
    CHECK_FALSE(runs(hang()));
}

TEST_CASE("slipway-check says which fences and which engine it has", "[verify][check]") {
    const std::string features = run_ok({program("slipway-check").string(), "features"});
    CHECK_THAT(features, contains(R"("program":"slipway-check")"));
    CHECK_THAT(features, contains(R"("openpgp":"GnuPG )"));
    CHECK_THAT(features, contains(R"("seccomp":true)"));
    const RunResult usage = run({program("slipway-check").string(), "--help"});
    CHECK(usage.status == 2);
    CHECK_THAT(usage.err, contains("usage: slipway-check [features]"));
}

TEST_CASE("the engine is nobody, sees no network and writes nowhere but in its /tmp",
          "[verify][engine]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    // GPGME takes for the version whatever stands behind the last blank.
    const OtherEngine tells(R"(
        wrote=
        for place in / /etc /root /var/tmp /dev/shm /tmp; do
            if (: >$place/slipway-engine-test) 2>/dev/null; then wrote=$wrote$place; fi
        done
        echo "gpg (GnuPG) 2.2.40-$(id -u)-$(grep -c : /proc/net/dev)-$wrote"
    )");
    CHECK_THAT(run_ok({program("slipway-check").string(), "features"}),
               contains(R"("openpgp":"GnuPG 2.2.40-65534-1-/tmp, GPGME )"));
    CHECK_FALSE(fs::exists("/tmp/slipway-engine-test"));
}

TEST_CASE("a request that is not the protocol's is answered with an error", "[verify][check]") {
    for (const std::string request :
         {"nonsense", "{}",
          R"({"protocol":2,"do":"verify","form":"detached","rings":[],"more":false})",
          R"({"protocol":1,"do":"verify","form":"detached","rings":[],"more":false})"}) {
        auto [ours, theirs] = make_message_pair();
        ChildSpec spec;
        spec.program = program("slipway-check");
        spec.fds = {{theirs.get(), 3}};
        ChildProcess check(spec);
        theirs.reset();
        send_message(ours.get(), request);
        const auto answer = receive_message(ours.get(), {});
        REQUIRE(answer);
        CHECK_THAT(answer->text, contains(R"("answer":"error")"));
        CHECK(check.wait().success());
    }
}

TEST_CASE("a document is read by a confined slipway-unpack", "[verify][check]") {
    const std::string sums = std::string(64, 'a') + "  a.img\n" + std::string(64, 'b') + "  b\n";
    const ChecksumFile file = read_checksum_file(sums, "SHA256SUMS", "a.img", {});
    REQUIRE(file.entries.size() == 1);
    CHECK(file.entries[0].digest == std::string(64, 'a'));
    CHECK(file.others == 1);
    CHECK(read_checksum_file("<p>", "SHA256SUMS", "a.img", {}).problem ==
          "is not a checksum document: starts with '<p>'");
    // No document can list a name that is not UTF-8.
    CHECK(read_checksum_file(sums, "SHA256SUMS", "a\xFF", {}).entries.empty());
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(read_checksum_file(sums, "SHA256SUMS", "a.img", stop.get_token()), Canceled);
}
