// What is refused before the first byte.

#include <filesystem>

#include <fcntl.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"
#include "transfer/preflight.hh"

using namespace slipway;
using namespace slipway::transfer;
using slipway::tests::TempDir;

namespace {

Volume volume_of(std::uint64_t free_bytes, std::optional<std::uint64_t> free_inodes) {
    Volume given;
    given.file_system.free_bytes = free_bytes;
    given.file_system.free_inodes = free_inodes;
    given.space = "'/srv/pool' (ext4) has so much free";
    return given;
}

std::string refusal(const Volume& given, std::optional<std::uint64_t> packed_bytes) {
    try {
        check_space(given, packed_bytes);
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::NoSpace);
        return error.what();
    }
    return "it was accepted";
}

} // namespace

TEST_CASE("what may fit is let through", "[transfer][preflight]") {
    CHECK_NOTHROW(check_space(volume_of(MiB, 1), std::nullopt));
    CHECK_NOTHROW(check_space(volume_of(MiB, 1), MiB));
    CHECK_NOTHROW(check_space(volume_of(MiB, std::nullopt), 0));
}

TEST_CASE("an image larger than what is free is refused with both sizes", "[transfer][preflight]") {
    CHECK(refusal(volume_of(MiB, 1), 3 * MiB) ==
          "the pool '/srv/pool' (ext4) has so much free, the image takes more than its packed size "
          "of 3.0M; nothing was stored. Free some space, or choose another pool with --pool");
}

TEST_CASE("P3: a volume without a free inode is refused before the download",
          "[transfer][preflight]") {
    CHECK(refusal(volume_of(MiB, 0), std::nullopt) ==
          "the pool '/srv/pool' (ext4) has so much free; nothing was stored. Free some space, or "
          "choose another pool with --pool");
}

TEST_CASE("Q10: a disk longer than what is free is tried, and the doubt is said",
          "[transfer][preflight]") {
    const TempDir place;
    const Fd file(::open((place / "staging").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    CHECK_NOTHROW(check_disk_size(volume_of(GiB, 1), GiB, file.get()));
    CHECK_NOTHROW(check_disk_size(volume_of(GiB, 0), 3 * GiB, file.get()));
    CHECK(std::filesystem::file_size(place / "staging") == 0);
    CHECK(doubt_of_disk(volume_of(GiB, 1), GiB).empty());
    CHECK(doubt_of_disk(volume_of(GiB, 0), 3 * GiB) ==
          "the pool '/srv/pool' (ext4) has so much free, the image has 3.0G: it fits only if "
          "enough of it is zero");
}

TEST_CASE("Q10: a disk longer than any file can be is refused before the download",
          "[transfer][preflight]") {
    const TempDir place;
    const Fd file(::open((place / "staging").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    CHECK_THROWS_WITH(
        check_disk_size(volume_of(GiB, 1), 9'500'000'000'000'000'000ULL, file.get()),
        contains("has so much free, and no file in it can have the 8.2E of the image") &&
            contains("nothing was stored"));
}

TEST_CASE("a volume that became full is described", "[transfer][preflight]") {
    CHECK(fullness(volume_of(0, 12), 7 * MiB, 345) ==
          "; the pool '/srv/pool' (ext4) has so much free, the image had taken 7.0M in 345 entries "
          "and needs more; nothing was stored. Free some space, or choose another pool with "
          "--pool");
    CHECK(fullness(volume_of(0, 12), 7 * MiB, std::nullopt) ==
          "; the pool '/srv/pool' (ext4) has so much free, the image had taken 7.0M and needs "
          "more; nothing was stored. Free some space, or choose another pool with --pool");
}

TEST_CASE("a tree of which is known what it holds is refused when it does not fit",
          "[transfer][preflight]") {
    const auto refusal_of = [](std::uint64_t size_bytes, std::uint64_t inodes) -> std::string {
        try {
            check_tree_space(volume_of(MiB, 10), size_bytes, inodes);
        } catch (const Error& error) {
            CHECK(error.kind() == Kind::NoSpace);
            return error.what();
        }
        return "";
    };
    CHECK(refusal_of(MiB, 10) == "");
    CHECK(refusal_of(3 * MiB, 10) ==
          "the pool '/srv/pool' (ext4) has so much free, the tree takes 3.0M and 10 inodes; "
          "nothing was stored. Free some space, or choose another pool with --pool");
    CHECK(refusal_of(MiB, 11) ==
          "the pool '/srv/pool' (ext4) has so much free, the tree takes 1.0M and 11 inodes; "
          "nothing was stored. Free some space, or choose another pool with --pool");
    CHECK_NOTHROW(check_tree_space(volume_of(MiB, std::nullopt), MiB, 1'000'000));
}
