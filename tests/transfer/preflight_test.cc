#include "base/bytes.hh"
#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/preflight.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

Volume volume(std::uint64_t free_bytes, std::optional<std::uint64_t> free_inodes) {
    return {"/srv/pool", {.type = "ext4", .free_bytes = free_bytes, .free_inodes = free_inodes}};
}

std::string refusal(const Volume& given, std::optional<std::uint64_t> packed_bytes, Kind kind) {
    try {
        check_space(given, packed_bytes);
    } catch (const Error& error) {
        CHECK(error.kind() == kind);
        return error.what();
    }
    return "it was accepted";
}

} // namespace

TEST_CASE("what may fit is let through", "[transfer][preflight]") {
    CHECK_NOTHROW(check_space(volume(MiB, 1), std::nullopt));
    CHECK_NOTHROW(check_space(volume(MiB, 1), MiB));
    CHECK_NOTHROW(check_space(volume(MiB, std::nullopt), 0));
}

TEST_CASE("an image larger than what is free is refused with both sizes", "[transfer][preflight]") {
    CHECK(refusal(volume(MiB, 1), 3 * MiB, Kind::NoSpace) ==
          "the volume of '/srv/pool' (ext4) has 1.0M free, the image takes more than its packed "
          "size of 3.0M; nothing was stored. Free some space, or choose another pool with --pool");
}

TEST_CASE("P3: a volume without a free inode is refused before the download",
          "[transfer][preflight]") {
    CHECK_THAT(refusal(volume(MiB, 0), std::nullopt, Kind::NoSpace),
               contains("'/srv/pool' (ext4) has no free inodes; nothing was fetched"));
}

TEST_CASE("P4: a volume mounted read-only is refused before the download",
          "[transfer][preflight]") {
    Volume read_only = volume(MiB, 1);
    read_only.file_system.read_only = true;
    CHECK(refusal(read_only, std::nullopt, Kind::Denied) ==
          "the volume of '/srv/pool' (ext4) is mounted read-only; nothing was fetched");
}

TEST_CASE("a volume that became full is described", "[transfer][preflight]") {
    CHECK(fullness(volume(0, 12), 7 * MiB, 345) ==
          "; the volume of '/srv/pool' (ext4) had 0B and 12 inodes free when the image had taken "
          "7.0M in 345 entries and needed more; nothing was stored. Free some space, or choose "
          "another pool with --pool");
    CHECK_THAT(fullness(volume(0, std::nullopt), 0, 0), contains("(ext4) had 0B free when"));
}
