// Removing images, and what forbids it.

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/quoted.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

} // namespace

TEST_CASE("an image is removed with all it holds", "[storage][remove]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "one");
    store(open, spec("db"), "two");
    remove_image(open, kWeb);
    REQUIRE(list_images(open, true).size() == 1);
    REQUIRE(pool.entries() == std::set<std::string>{"db"});
}

TEST_CASE("P9: a read-only image is removed, whatever marks it", "[storage][remove]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    SECTION("a tree of ours") {
        store(open, spec("web", Replace::No, ReadOnly::Yes), "one");
    }
    SECTION("an immutable directory") {
        std::filesystem::create_directory(pool / "web");
        tests::set_immutable(pool / "web", true);
    }
    SECTION("a raw file without write bits, immutable at that") {
        write_file(pool / "web.raw", "x");
        std::filesystem::permissions(pool / "web.raw", std::filesystem::perms(0444));
        tests::set_immutable(pool / "web.raw", true);
    }
    REQUIRE(find_image(open, kWeb)->read_only);
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a symlinked image loses its link only", "[storage][remove]") {
    const TempPool pool;
    const TempDir elsewhere;
    SECTION("a tree") {
        std::filesystem::create_directory(elsewhere / "tree");
        write_file(elsewhere / "tree/id", "kept");
        std::filesystem::create_directory_symlink(elsewhere / "tree", pool / "web");
        remove_image(pool.open(), kWeb);
        REQUIRE(read_file(elsewhere / "tree/id") == "kept");
    }
    SECTION("a raw file") {
        write_file(elsewhere / "disk.raw", "kept");
        std::filesystem::create_symlink(elsewhere / "disk.raw", pool / "web.raw");
        remove_image(pool.open(), kWeb);
        REQUIRE(read_file(elsewhere / "disk.raw") == "kept");
    }
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a device loses its node or its link, never what is on it", "[storage][remove]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs device("ext4", 16 * MiB);
    const TempPool pool;
    const Pool open = pool.open();
    SECTION("a link") {
        std::filesystem::create_symlink(device.device(), pool / "web");
    }
    SECTION("a node") {
        struct stat info {};
        REQUIRE(::stat(device.device().c_str(), &info) == 0);
        REQUIRE(::mknod((pool / "web").c_str(), S_IFBLK | 0600, info.st_rdev) == 0);
    }
    {
        const LockHolder holder([&] { // the lock of the device itself, whatever leads to it
            static const TempPool other;
            std::filesystem::create_symlink(device.device(), other / "same");
            static const ImageLock held(other.open(), "same", LockMode::Shared);
        });
        REQUIRE_THROWS_MATCHES(
            remove_image(open, kWeb), Error,
            failure_with(Kind::Busy, "image 'web' is in use by " + holder.description()));
    }
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
    REQUIRE(std::filesystem::exists(device.device()));
    REQUIRE(std::filesystem::exists(device / "lost+found"));
}

TEST_CASE("a tree that hides a raw file is removed alone", "[storage][remove]") {
    const TempPool pool;
    std::filesystem::create_directory(pool / "web");
    write_file(pool / "web.raw", "x");
    remove_image(pool.open(), kWeb);
    REQUIRE(pool.entries() == std::set<std::string>{"web.raw"});
}

TEST_CASE("an image that does not exist cannot be removed", "[storage][remove]") {
    const TempPool pool;
    REQUIRE_THROWS_MATCHES(remove_image(pool.open(), kWeb), Error,
                           failure(Kind::NotFound, fmt::format("there is no image 'web' in the "
                                                               "pool '{}'",
                                                               pool.path().string())));
}

TEST_CASE("P8: an image in use is neither removed nor replaced", "[storage][remove]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "one");
    const LockMode mode = GENERATE(LockMode::Exclusive, LockMode::Shared);
    const LockHolder holder(
        [&] { static const ImageLock held(Pool::open(pool.path()), "web", mode); });
    const auto busy = failure(Kind::Busy, fmt::format("image 'web' is in use by {}; nothing was "
                                                      "changed",
                                                      holder.description()));
    REQUIRE_THROWS_MATCHES(remove_image(open, kWeb), Error, busy);
    REQUIRE_THROWS_MATCHES(Staging(open, spec("web", Replace::Yes)), Error, busy);
    REQUIRE_THROWS_MATCHES(Staging(open, spec("web")), Error,
                           failure_with(Kind::Exists, "image 'web' exists"));
    REQUIRE(state_of(pool.path()) == ".#web.lck: file\nweb: directory one");
}

TEST_CASE("P8: a raw image in use does not make way for a tree", "[storage][remove]") {
    const TempPool pool;
    write_file(pool / "web.raw", "x");
    const LockHolder holder(
        [&] { static const ImageLock held(Pool::open(pool.path()), "web.raw", LockMode::Shared); });
    REQUIRE_THROWS_MATCHES(Staging(pool.open(), spec("web", Replace::Yes)), Error,
                           failure_with(Kind::Busy, "image 'web.raw' is in use by"));
    REQUIRE(pool.entries() == std::set<std::string>{"web.raw", ".#web.raw.lck"});
}

TEST_CASE("P9: an image with a mount in it is neither removed nor replaced, and the mount is named",
          "[storage][remove]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Scratch volume("tmpfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "one");
    const std::filesystem::path place = pool / GENERATE("web", "web/a b\\c");
    std::filesystem::create_directories(place);
    REQUIRE(::mount("tmpfs", place.c_str(), "tmpfs", 0, "size=64k") == 0);
    const auto mounted =
        failure(Kind::Busy, fmt::format("something is mounted at {}; nothing was changed. Unmount "
                                        "it first",
                                        quoted(place.string())));
    const auto removing = [&] { remove_image(open, kWeb); };
    const auto replacing = [&] { Staging(open, spec("web", Replace::Yes)); };
    CHECK_THROWS_MATCHES(removing(), Error, mounted);
    CHECK_THROWS_MATCHES(replacing(), Error, mounted);
    REQUIRE(::umount(place.c_str()) == 0);
    REQUIRE(state_of(pool.path()) == "web: directory one");
}

TEST_CASE("P9: lost+found of a pool that is a whole ext4 is not ours to remove",
          "[storage][remove]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB);
    const Pool pool = Pool::open(fs.path());
    const ImageName name = ImageName::parse("lost+found");
    REQUIRE(find_image(pool, name)); // systemd lists it, too
    REQUIRE_THROWS_MATCHES(remove_image(pool, name), Error,
                           failure_with(Kind::Denied, "belongs to the file system"));
    REQUIRE_THROWS_MATCHES(Staging(pool, spec("lost+found", Replace::Yes)), Error,
                           failure_with(Kind::Denied, "belongs to the file system"));
    REQUIRE(names_in(fs.path()) == "lost+found");
}

TEST_CASE("P9: subvolumes nested in an image go with it", "[storage][remove]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const bool replaced = GENERATE(false, true);
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "old");
    {
        const Fd web(::open((pool / "web").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::make_subvolume(web.get(), "var");
        const Fd var(::open((pool / "web/var").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::make_subvolume(var.get(), "portables");
        write_file(pool / "web/var/portables/file", "x");
        volume::set_subvolume_read_only(var.get(), true);
    }
    if (replaced) {
        store(open, spec("web", Replace::Yes), "new");
        REQUIRE(state_of(pool.path()) == "web: subvolume new");
    } else {
        remove_image(open, kWeb);
        REQUIRE(pool.entries().empty());
    }
}
