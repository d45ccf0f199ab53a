// Opening pools, and what their file systems offer.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/error.hh"
#include "storage/features.hh"
#include "storage/pool.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

mode_t mode_of(const std::filesystem::path& path) {
    struct stat info {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 07777U : 0;
}

} // namespace

TEST_CASE("P4: a pool that is missing is made, for nobody else to read", "[storage]") {
    const TempDir dir;
    const mode_t before = ::umask(0);
    const Pool pool = Pool::open(dir / "pool/");
    ::umask(before);
    REQUIRE(pool.path() == dir / "pool");
    REQUIRE(mode_of(dir / "pool") == 0700);
}

TEST_CASE("P4: a pool whose parent is missing is refused", "[storage]") {
    const TempDir dir;
    const auto opening = [&] { Pool::open(dir / "no/pool"); };
    REQUIRE_THROWS_MATCHES(opening(), Error,
                           failure(Kind::NotFound, "there is no pool '" +
                                                       (dir / "no/pool").string() +
                                                       "', and it cannot be made: its parent does "
                                                       "not exist"));
    REQUIRE(names_in(dir.path()).empty());
}

TEST_CASE("P4: a file, and a symlink that leads nowhere, are no pools", "[storage]") {
    const TempDir dir;
    write_file(dir / "file", "");
    std::filesystem::create_symlink("gone", dir / "link");
    REQUIRE_THROWS_MATCHES(
        Pool::open(dir / "file"), Error,
        failure(Kind::NotFound, "the pool '" + (dir / "file").string() + "' is not a directory"));
    REQUIRE_THROWS_MATCHES(Pool::open(dir / "link"), Error,
                           failure(Kind::NotFound, "the pool '" + (dir / "link").string() +
                                                       "' is a symlink that leads nowhere"));
}

TEST_CASE("P4: a pool on a read-only file system is listed, and refused for everything else",
          "[storage]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const MountedFs fs("tmpfs", "size=1m");
    std::filesystem::create_directories(fs.path() / "web");
    REQUIRE(::mount(nullptr, fs.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    REQUIRE_THROWS_MATCHES(Pool::open(fs.path()), Error,
                           failure(Kind::Denied, "cannot write to the pool '" + fs.path().string() +
                                                     "': Read-only file system"));
    const auto pool = Pool::find(fs.path());
    REQUIRE(pool);
    REQUIRE(pool->file_system().read_only);
    const std::vector<Image> images = list_images(*pool, false);
    REQUIRE(images.size() == 1);
    REQUIRE(images[0].read_only);
}

TEST_CASE("P4: a refusal leaves the new pool empty, lock files included", "[storage]") {
    const TempDir dir;
    const Pool pool = Pool::open(dir / "pool");
    StagingSpec bad = spec("web");
    bad.id = "not a number";
    REQUIRE_THROWS_AS(Staging(pool, bad), Error);
    REQUIRE_THROWS_AS(remove_image(pool, ImageName::parse("web")), Error);
    REQUIRE(names_in(dir / "pool").empty());
}

TEST_CASE("a pool that does not exist is found to be none, and not made", "[storage]") {
    const TempDir dir;
    REQUIRE_FALSE(Pool::find(dir / "pool"));
    REQUIRE(names_in(dir.path()).empty());
}

TEST_CASE("P15: a pool that is a symlink is resolved once, and says so", "[storage]") {
    const TempDir dir;
    std::filesystem::create_directory(dir / "real");
    std::filesystem::create_directory_symlink("real", dir / "link");
    const Pool pool = Pool::open(dir / "link");
    REQUIRE(pool.path() == dir / "real");
    REQUIRE(pool.note() ==
            "the pool '" + (dir / "link").string() + "' is '" + (dir / "real").string() + "'");
    REQUIRE_FALSE(Pool::open(dir / "real").note());
    // The link may change underneath: what was opened stays.
    std::filesystem::remove(dir / "link");
    REQUIRE(store(pool, spec("web"), "one") == dir / "real/web");
}

TEST_CASE("P15: a pool inside another is one image there, and its own images are not",
          "[storage]") {
    const TempPool outer;
    const Pool inner = Pool::open(outer / "inner");
    store(inner, spec("web"), "one");
    const std::vector<Image> images = list_images(outer.open(), true);
    REQUIRE(images.size() == 1);
    REQUIRE(images[0].name.text() == "inner");
    REQUIRE(list_images(inner, true).size() == 1);
}

TEST_CASE("a pool knows its file system and the room on it", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const volume::FileSystem fs = Pool::open(volume / "pool").file_system();
    struct statfs info {};
    REQUIRE(::statfs(volume.path().c_str(), &info) == 0);
    REQUIRE(fs.type == volume.type());
    REQUIRE_FALSE(fs.read_only);
    REQUIRE(fs.subvolumes == (kind == "btrfs"));
    REQUIRE(fs.size_bytes == info.f_blocks * static_cast<std::uint64_t>(info.f_bsize));
    REQUIRE(fs.free_inodes.has_value() == (kind != "btrfs"));
    if (kind == "ext4") { // root's reserve is ours, what ext4 keeps for itself is not
        REQUIRE(fs.free_bytes > info.f_bavail * static_cast<std::uint64_t>(info.f_bsize));
        REQUIRE(fs.free_bytes < info.f_bfree * static_cast<std::uint64_t>(info.f_bsize));
    } else {
        REQUIRE(fs.free_bytes == info.f_bavail * static_cast<std::uint64_t>(info.f_bsize));
    }
}

TEST_CASE("P6: what a file system offers is found out by trying", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const Pool pool = Pool::open(volume / "pool");
    const Features features = probe_features(pool);
    INFO(kind);
    REQUIRE(features.reflink == (kind == "xfs" || kind == "btrfs"));
    REQUIRE(features.exchange);
    if (kind != "tmpfs" && kind != "overlay") { // newer kernels have more of them there
        REQUIRE(features.xattrs);
        REQUIRE(features.immutable);
    }
    REQUIRE(names_in(pool.path()).empty());
}
