// The file that keeps the newest of a console.

#include "spawn/console_log.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

TEST_CASE("the console's file keeps the newest and stays within its bound", "[spawn]") {
    const TempDir directory;
    const auto path = directory / "console";
    ConsoleLog log(path, 100);
    std::string all;
    for (int i = 0; i < 200; ++i) {
        const std::string part = "line " + std::to_string(i) + "\r\n";
        log.write(as_bytes(part));
        all += part;
        const std::string kept = read_file(path);
        REQUIRE(kept.size() <= 100);
        REQUIRE(all.ends_with(kept));
        REQUIRE(kept.size() >= std::min<std::size_t>(all.size(), 50));
    }
}

TEST_CASE("a piece larger than the console's bound is cut to its end", "[spawn]") {
    const TempDir directory;
    ConsoleLog log(directory / "console", 100);
    log.write(as_bytes("before"));
    log.write(as_bytes(std::string(1000, 'x') + "end"));
    CHECK(read_file(directory / "console").ends_with("xend"));
    CHECK(read_file(directory / "console").size() <= 100);
}

TEST_CASE("the console's file goes on after a second start, and is the owner's alone", "[spawn]") {
    const TempDir directory;
    ConsoleLog(directory / "console").write(as_bytes("one "));
    ConsoleLog(directory / "console").write(as_bytes("two"));
    CHECK(read_file(directory / "console") == "one two");
    CHECK((std::filesystem::status(directory / "console").permissions() &
           std::filesystem::perms(077)) == std::filesystem::perms::none);
}
