// What is refused before the first byte.

#include "base/bytes.hh"
#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/preflight.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

Volume volume(std::uint64_t free_bytes, std::optional<std::uint64_t> free_inodes) {
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
    CHECK_NOTHROW(check_space(volume(MiB, 1), std::nullopt));
    CHECK_NOTHROW(check_space(volume(MiB, 1), MiB));
    CHECK_NOTHROW(check_space(volume(MiB, std::nullopt), 0));
}

TEST_CASE("an image larger than what is free is refused with both sizes", "[transfer][preflight]") {
    CHECK(refusal(volume(MiB, 1), 3 * MiB) ==
          "the pool '/srv/pool' (ext4) has so much free, the image takes more than its packed size "
          "of 3.0M; nothing was stored. Free some space, or choose another pool with --pool");
}

TEST_CASE("P3: a volume without a free inode is refused before the download",
          "[transfer][preflight]") {
    CHECK(refusal(volume(MiB, 0), std::nullopt) ==
          "the pool '/srv/pool' (ext4) has so much free; nothing was stored. Free some space, or "
          "choose another pool with --pool");
}

TEST_CASE("a volume that became full is described", "[transfer][preflight]") {
    CHECK(fullness(volume(0, 12), 7 * MiB, 345) ==
          "; the pool '/srv/pool' (ext4) has so much free, the image had taken 7.0M in 345 entries "
          "and needs more; nothing was stored. Free some space, or choose another pool with "
          "--pool");
}
