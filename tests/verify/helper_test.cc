// Programs of ours that end without an answer, or with one that is none.

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "verify/checker.hh"
#include "verify/helper.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A script in the place of slipway-check and of slipway-unpack. Descriptor 3 is its socket.
class OtherPrograms {
public:
    explicit OtherPrograms(const std::string& script) {
        for (const std::string name : {"slipway-check", "slipway-unpack"}) {
            write_file(directory_ / name, "#!/bin/sh\n" + script);
            fs::permissions(directory_ / name, fs::perms(0755));
        }
        find_programs_in(directory_.path());
    }
    ~OtherPrograms() { find_programs_in(program("")); }
    OtherPrograms(const OtherPrograms&) = delete;
    OtherPrograms& operator=(const OtherPrograms&) = delete;

private:
    TempDir directory_;
};

std::string check_fails() {
    try {
        verify::SignatureChecker({}, 20s).check_detached("text", "signature", {});
    } catch (const Error& error) {
        CHECK(error.verdict() == VerdictWord::EngineFailed);
        return error.what();
    }
    return "";
}

std::string reading_fails() {
    try {
        verify::read_checksum_file("text", "SHA256SUMS", "a.img", {});
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::Internal);
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("K5: a program that ends without a word is named with its status", "[verify][helper]") {
    const OtherPrograms end("exit 7");
    CHECK(check_fails() ==
          "cannot check signatures: slipway-check exited with status 7; nothing was stored");
    CHECK(reading_fails() == "slipway-unpack exited with status 7");
}

TEST_CASE("K5: a program that is killed is named with the signal and what it said last",
          "[verify][helper]") {
    const OtherPrograms end("echo \"out\tof luck\" >&2; kill -9 $$");
    CHECK_THAT(check_fails(), contains("slipway-check was killed by signal 9 (Killed); it said "
                                       "'out\\tof luck\\n'"));
    CHECK_THAT(reading_fails(), contains("slipway-unpack was killed by signal 9 (Killed)"));
}

TEST_CASE("K5: an answer that is no answer is refused", "[verify][helper]") {
    for (const std::string answer : {"nonsense", "[]", "{}", "{\"answer\":\"signatures\"}",
                                     "{\"signatures\":7,\"warnings\":[]}"}) {
        const OtherPrograms garbage("head -c 1 <&3 >/dev/null; printf '%s' '" + answer + "' >&3");
        CHECK_THAT(check_fails(), contains("an answer of slipway-check"));
        CHECK_THAT(reading_fails(), contains("an answer"));
    }
}

TEST_CASE("an error that a program answers is passed on", "[verify][helper]") {
    const OtherPrograms error(
        R"(head -c 1 <&3 >/dev/null; printf '{"answer":"error","kind":"internal","text":"it is \\u001b[31mred"}' >&3)");
    CHECK(check_fails() == "cannot check signatures: it is \\x1b[31mred; nothing was stored");
    CHECK(reading_fails() == "it is \\x1b[31mred");
}

TEST_CASE("a program that is missing is named", "[verify][helper]") {
    const TempDir empty;
    find_programs_in(empty.path());
    const std::string failed = check_fails();
    find_programs_in(program(""));
    CHECK_THAT(failed, contains("slipway-check': No such file or directory"));
}

TEST_CASE("a program that reads nothing meets the deadline, and so does what it has started",
          "[verify][helper]") {
    const TempDir directory;
    const OtherPrograms hang("sleep 1000 & echo $! > '" + (directory / "pid").string() +
                             "'; exec sleep 1000");
    const auto start = std::chrono::steady_clock::now();
    {
        verify::Helper helper("slipway-check", {}, start + 20s);
        while (!fs::exists(directory / "pid") || read_file(directory / "pid").empty()) {
            std::this_thread::yield();
        }
    }
    const std::string child = read_file(directory / "pid");
    const std::string state =
        run({"ps", "-o", "stat=", "-p", child.substr(0, child.find('\n'))}).out;
    CHECK((state.empty() || state.starts_with("Z"))); // gone, or waiting for init to notice
}
