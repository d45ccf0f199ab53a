// Files with holes, in each of the formats that people's archives have them in.

#include <sys/stat.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/pull/unpack_here.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Map = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

bool has_4k_blocks(const std::filesystem::path& path) {
    struct stat found {};
    return ::stat(path.c_str(), &found) == 0 && found.st_blksize == 4096;
}

} // namespace

TEST_CASE("A17: holes are kept, in the old GNU format and in pax 0.0, 0.1 and 1.0", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    std::string contents(200'000, '\0');
    contents.replace(4096, 512, std::string(512, 'a'));
    contents.replace(65536, 1024, std::string(1024, 'b'));
    Trial trial;
    for (const char* name : {"sparse-gnu", "sparse-0.0", "sparse-0.1", "sparse-1.0"}) {
        for (const std::size_t piece : {std::size_t{1} << 20, std::size_t{1}, std::size_t{513}}) {
            INFO(name << ", " << piece << " bytes at a time");
            REQUIRE(trial.unpack(name, {.piece = piece}).error == "");
            CHECK(read_file(trial.staging() / "f") == contents);
            if (has_4k_blocks(trial.staging())) {
                CHECK(trial.tree().at("f").data == Map{{4096, 8192}, {65536, 69632}});
            }
        }
    }
}

TEST_CASE("A17: a map of thirty pieces and one of none are kept", "[pull]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    REQUIRE(trial.unpack("sparse-gnu-extended").error == "");
    std::string contents(30 * 8192, '\0');
    for (std::size_t i = 0; i < 30; ++i) {
        contents.replace(i * 8192, 512, std::string(512, 'c'));
    }
    CHECK(read_file(trial.staging() / "f") == contents);

    REQUIRE(trial.unpack("sparse-all-hole").error == "");
    CHECK(trial.tree().at("f").size_bytes == 200'000);
    CHECK(trial.tree().at("f").data == Map{});
}

TEST_CASE("A17: a map that overlaps, runs backwards, lies beyond the size or does not fit its data "
          "is refused",
          "[pull][hostile]") {
    check_refusals({
        {"sparse-overlapping", Kind::Corrupt,
         "'f': its map of holes is wrong: a piece at byte 256 of 200000"},
        {"sparse-backwards", Kind::Corrupt,
         "'f': its map of holes is wrong: a piece at byte 0 of 200000"},
        {"sparse-beyond-size", Kind::Corrupt,
         "'f': its map of holes is wrong: a piece at byte 199999"},
        {"sparse-huge-offset", Kind::Corrupt, "'f': its map of holes is wrong"},
        {"sparse-too-little-data", Kind::Corrupt, "'f': its contents lack 1024 bytes"},
        {"sparse-too-much-data", Kind::Corrupt, "the tar archive is damaged"},
        {"sparse-count-lies", Kind::Corrupt, "the tar archive is damaged"},
        {"sparse-on-symlink", Kind::Corrupt, "Non-regular file cannot be sparse"},
        {"sparse-negative", Kind::Corrupt, "Malformed sparse map data"},
        {"sparse-negative-size", Kind::Corrupt, "'f': its size -5 is not one that a file can have"},
    });
}

TEST_CASE("A17: a file larger than the file system takes is refused before its contents",
          "[pull][hostile]") {
    if (::geteuid() != 0) {
        SKIP("needs root: the archives' owner is root");
    }
    Trial trial;
    const Outcome outcome = trial.unpack("sparse-huge-size");
    if (outcome.tree) { // xfs and btrfs take it
        CHECK(trial.tree().at("f").size_bytes == std::uint64_t{1} << 62);
    } else {
        CHECK(outcome.kind == Kind::Limit);
        CHECK_THAT(outcome.error, contains("'f': cannot set its size"));
    }
}
