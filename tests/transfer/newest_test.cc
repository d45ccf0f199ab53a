// The newest signature of each place, on disk.

#include <filesystem>
#include <string>

#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "transfer/newest.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace slipway::transfer;

TEST_CASE("of the signatures of a place the newest is kept", "[transfer][newest]") {
    const TempDir top;
    const NewestSignatures newest(top / "state" / "newest");
    const std::string place = "https://example.org/images/";
    CHECK_FALSE(newest.find(place));
    newest.remember(place, {1000, "KEY", "https://example.org/images/SHA256SUMS"});
    newest.remember(place, {900, "OLD", ""});
    newest.remember("https://example.org/", {2000, "OTHER", ""});
    newest.remember("http://example.org/images/", {3000, "OTHER", ""});
    newest.remember("https://example.org/images/a.img", {4000, "OTHER", ""});
    const auto found = newest.find(place);
    REQUIRE(found);
    CHECK(found->signed_at == 1000);
    CHECK(found->key == "KEY");
    CHECK(found->document == "https://example.org/images/SHA256SUMS");
    newest.remember(place, {1100, "NEW", ""});
    CHECK(newest.find(place)->key == "NEW");
}

TEST_CASE("a place without a time, or nowhere to keep it, is not remembered",
          "[transfer][newest]") {
    const TempDir top;
    const NewestSignatures newest(top / "newest");
    newest.remember("https://h/", {0, "KEY", ""});
    newest.remember("", {10, "KEY", ""});
    CHECK_FALSE(std::filesystem::exists(top / "newest"));
    const NewestSignatures nowhere{{}};
    nowhere.remember("https://h/", {10, "KEY", ""});
    CHECK_FALSE(nowhere.find("https://h/"));
}

TEST_CASE("a record that cannot be read is as if it were not there", "[transfer][newest]") {
    const TempDir top;
    const NewestSignatures newest(top.path());
    newest.remember("https://h/", {10, "KEY", ""});
    const std::filesystem::path file = top / newest_file("https://h/");
    for (const char* content : {"", "{}", "{\"signed\": \"x\"}", "[1]", "\xff"}) {
        write_file(file, content);
        CHECK_FALSE(newest.find("https://h/"));
    }
    newest.remember("https://h/", {5, "KEY", ""});
    CHECK(newest.find("https://h/")->signed_at == 5);
}

TEST_CASE("no place leads out of the directory, and no two share a file", "[transfer][newest]") {
    CHECK(newest_file("https://example.org:8080/a/b.img") ==
          "https/example.org%3A8080/a/b.img/=newest");
    CHECK(newest_file("https://h/../../etc/x") == "https/h/%2E./%2E./etc/x/=newest");
    CHECK(newest_file("https://h/.hidden//x/") == "https/h/%2Ehidden/x/=newest");
    CHECK(newest_file("https://h/=newest/") == "https/h/%3Dnewest/=newest");
    CHECK(newest_file("file:///d/") == "file/d/=newest");
}
