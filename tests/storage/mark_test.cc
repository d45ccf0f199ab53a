// The mark of a read-only image, made and taken away.

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "storage/lock.hh"
#include "storage/mark.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

bool is_read_only(const Pool& pool) {
    return find_image(pool, kWeb).value().read_only;
}

mode_t mode_of(const std::filesystem::path& path) {
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    return info.st_mode & 07777U;
}

/// A loop device on a file, as long as it lives.
class LoopDevice {
public:
    explicit LoopDevice(const std::filesystem::path& file)
        : path_(run_ok({"losetup", "--find", "--show", file.string()})) {
        path_.erase(path_.find_last_not_of('\n') + 1);
    }
    ~LoopDevice() { run({"losetup", "--detach", path_}); }
    LoopDevice(const LoopDevice&) = delete;
    LoopDevice& operator=(const LoopDevice&) = delete;
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

} // namespace

TEST_CASE("an image is marked read-only and made writable again", "[storage][mark]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    SECTION("a tree") {
        store(open, spec("web"), "tree");
    }
    SECTION("a plain directory") {
        std::filesystem::create_directory(pool / "web");
    }
    SECTION("a disk") {
        store_with(open, disk("web"), "bytes");
    }
    const std::string writable = state_of(pool.path());
    REQUIRE_FALSE(mark_image(open, kWeb, ReadOnly::No));
    REQUIRE(mark_image(open, kWeb, ReadOnly::Yes));
    REQUIRE(is_read_only(open));
    REQUIRE_FALSE(mark_image(open, kWeb, ReadOnly::Yes));
    REQUIRE(mark_image(open, kWeb, ReadOnly::No));
    REQUIRE_FALSE(is_read_only(open));
    REQUIRE(state_of(pool.path()) == writable);
}

TEST_CASE("a disk that becomes writable again is so for its owner alone", "[storage][mark]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "web.raw", "bytes");
    std::filesystem::permissions(pool / "web.raw", std::filesystem::perms(0666));
    mark_image(open, kWeb, ReadOnly::Yes);
    REQUIRE(mode_of(pool / "web.raw") == 0444);
    mark_image(open, kWeb, ReadOnly::No);
    REQUIRE(mode_of(pool / "web.raw") == 0644);
}

TEST_CASE("of a subvolume the top alone is marked", "[storage][mark]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "tree");
    const auto fd_of = [&](const char* name) {
        return Fd(::open((pool / name).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    };
    volume::make_subvolume(fd_of("web").get(), "nested");
    mark_image(open, kWeb, ReadOnly::Yes);
    REQUIRE(volume::is_read_only_subvolume(fd_of("web").get()));
    REQUIRE_FALSE(volume::is_read_only_subvolume(fd_of("web/nested").get()));
    mark_image(open, kWeb, ReadOnly::No);
}

TEST_CASE("a block device is marked itself, also behind a link", "[storage][mark]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    const TempDir place;
    write_file(place / "medium", std::string(1 << 20, '\0'));
    const LoopDevice device(place / "medium");
    std::filesystem::create_symlink(device.path(), pool / "web");
    const auto flag = [&] {
        const Fd fd(::open(device.path().c_str(), O_RDONLY | O_CLOEXEC));
        int read_only = -1;
        REQUIRE(::ioctl(fd.get(), BLKROGET, &read_only) == 0);
        return read_only;
    };
    REQUIRE(mark_image(open, kWeb, ReadOnly::Yes));
    REQUIRE(flag() == 1);
    REQUIRE(is_read_only(open));
    REQUIRE(mark_image(open, kWeb, ReadOnly::No));
    REQUIRE(flag() == 0);
}

TEST_CASE("what a link leads to is not marked", "[storage][mark]") {
    const TempPool pool;
    const TempDir elsewhere;
    const Pool open = pool.open();
    std::string target;
    SECTION("a tree") {
        target = (elsewhere / "tree").string();
        std::filesystem::create_directory(target);
        std::filesystem::create_symlink(target, pool / "web");
    }
    SECTION("a disk") {
        target = (elsewhere / "disk").string();
        write_file(target, "outside");
        std::filesystem::create_symlink(target, pool / "web.raw");
    }
    const mode_t mode = mode_of(target);
    REQUIRE_THROWS_MATCHES(
        mark_image(open, kWeb, ReadOnly::Yes), Error,
        failure(Kind::Unsupported,
                fmt::format("image 'web' is a symbolic link to '{}', which the mark would change; "
                            "nothing was changed. Mark that itself",
                            target)));
    REQUIRE(mode_of(target) == mode);
    REQUIRE_FALSE(is_immutable(target));
}

TEST_CASE("a directory without that flag is not marked, and the reason is given",
          "[storage][mark]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const MountedFs memory("ramfs", "");
    const TempPool pool(memory.path() / "pool");
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    REQUIRE_THROWS_MATCHES(mark_image(open, kWeb, ReadOnly::Yes), Error,
                           failure(Kind::Unsupported, "the file system has no immutable flag"));
}

TEST_CASE("P8: an image that is in use is not marked", "[storage][mark]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "tree");
    static std::optional<ImageLock> held;
    const LockHolder holder([&] { held.emplace(open, "web", LockMode::Shared); });
    REQUIRE_THROWS_MATCHES(
        mark_image(open, kWeb, ReadOnly::Yes), Error,
        failure(Kind::Busy, fmt::format("image 'web' is in use by {}; nothing was changed",
                                        holder.description())));
}
