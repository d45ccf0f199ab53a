// dev/report decides whether a run of the tests is green: every way in which it must not be.

#include "tests/catch.hh"
#include "tests/house/tree.hh"
#include "tests/support/programs.hh"

using namespace slipway::tests;

namespace {

// One meson test "room" whose program left `records`; what dev/report says about it.
RunResult report(const std::string& meson_result, const std::string& records,
                 const std::string& judgement = "strict") {
    const TempDir top;
    std::filesystem::create_directory(top / "records");
    write_file(top / "testlog.json",
               R"({"name": "slipway:room / room", "command": ["/x/room_test"], "returncode": 1, )"
               R"("duration": 0.25, "result": ")" +
                   meson_result + "\"}\n");
    write_file(top / "records/room_test", records);
    write_file(top / "allowed", "# name, tab, reason\nan old kernel\tno Landlock\n");
    return run({(source_root() / "dev/report").string(), (top / "testlog.json").string(),
                (top / "records").string(), (top / "allowed").string(), judgement});
}

std::string last_line(const std::string& text) {
    const std::size_t start = text.rfind('\n', text.size() - 2);
    return text.substr(start + 1);
}

const std::string kPassed = "started\ta\t\npassed\ta\t\n";

} // namespace

TEST_CASE("a run in which all passed is green", "[house]") {
    const RunResult result = report("OK", kPassed);
    CHECK(result.status == 0);
    CHECK(last_line(result.out) == "1 passed, 0 failed, 0 skipped\n");
    CHECK_THAT(result.out, contains("room            0.2 s        1        0        0\n"));
}

TEST_CASE("a failed case, and one that never ended, are red by name", "[house]") {
    const RunResult result = report(
        "FAIL", kPassed + "started\tb\t\nfailed\tb\t\nstarted\tc\t\nstarted\td\t\npassed\td\t\n");
    CHECK(result.status == 1);
    CHECK_THAT(result.out, contains("failed:\n  b\n  c: ended without a result\n"));
    CHECK(last_line(result.out) == "2 passed, 2 failed, 0 skipped\n");
}

TEST_CASE("a program that died in a case, or after its last, is red", "[house]") {
    const RunResult inside = report("TIMEOUT", kPassed + "started\tb\t\n");
    CHECK(inside.status == 1);
    CHECK_THAT(inside.out, contains("  b: the program ended in the middle of it\n"));
    const RunResult after = report("FAIL", kPassed);
    CHECK(after.status == 1);
    CHECK(last_line(after.out) == "1 passed, 1 failed, 0 skipped\n");
}

TEST_CASE("a skip is green when it is listed with its reason, and red where all can run",
          "[house]") {
    const std::string listed = "started\tan old kernel\t\nskipped\tan old kernel\tno Landlock\n";
    CHECK(report("OK", kPassed + listed).status == 0);
    const std::string other = "started\tan old kernel\t\nskipped\tan old kernel\tno root\n";
    const RunResult strict = report("OK", kPassed + other);
    CHECK(strict.status == 1);
    CHECK(last_line(strict.out) == "1 passed, 1 failed, 0 skipped\n");
    const RunResult lenient = report("OK", kPassed + other, "lenient");
    CHECK(lenient.status == 0);
    CHECK_THAT(lenient.out, contains("skipped:\n  an old kernel: no root\n"));
    CHECK(last_line(lenient.out) == "1 passed, 0 failed, 1 skipped\n");
}

TEST_CASE("a run without a test is red", "[house]") {
    const TempDir top;
    write_file(top / "allowed", "");
    const RunResult result =
        run({(source_root() / "dev/report").string(), (top / "missing").string(),
             top.path().string(), (top / "allowed").string()});
    CHECK(result.status == 1);
    CHECK(last_line(result.out) == "0 passed, 1 failed, 0 skipped\n");
}
