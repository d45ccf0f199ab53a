// What counts as an image, how it is marked, when it was made.

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "storage/pool.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

// "name type ro|rw file", one a line.
std::string listing(const Pool& pool, bool hidden = false) {
    std::string text;
    for (const Image& image : list_images(pool, hidden)) {
        text += fmt::format("{} {} {} {}\n", image.name.text(), word(image.type),
                            image.read_only ? "ro" : "rw", image.path.filename().string());
    }
    return text;
}

Fd open_pool(const TempPool& pool) {
    return Fd(::open(pool.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

std::int64_t now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

} // namespace

TEST_CASE("directories and raw files are images, sorted by name; nothing else is", "[storage]") {
    const TempPool pool;
    std::filesystem::create_directory(pool / "web");
    std::filesystem::create_directory(pool / "web.raw.d");
    std::filesystem::create_directory(pool / "folder.raw");
    write_file(pool / "disk.raw", "");
    for (const char* other : {"web.nspawn", "web.roothash", "disk.qcow2", "plain", ".raw"}) {
        write_file(pool / other, "");
    }
    REQUIRE(::mkfifo((pool / "fifo").c_str(), 0600) == 0);
    REQUIRE(::mkfifo((pool / "fifo.raw").c_str(), 0600) == 0);
    REQUIRE(listing(pool.open()) == "disk raw rw disk.raw\n"
                                    "folder.raw directory rw folder.raw\n"
                                    "web directory rw web\n"
                                    "web.raw.d directory rw web.raw.d\n");
}

TEST_CASE("hidden images are listed on request, temporary files never", "[storage]") {
    const TempPool pool;
    for (const char* name : {".hidden", ".#tar1234", ".#slipway-0123456789abcdef", "web",
                             ".sysupdate.partial", "bad\nname"}) {
        std::filesystem::create_directory(pool / name);
    }
    write_file(pool / ".raw-url.raw", "");
    REQUIRE(listing(pool.open()) == "web directory rw web\n");
    REQUIRE(listing(pool.open(), true) == ".hidden directory rw .hidden\n"
                                          ".raw-url raw rw .raw-url.raw\n"
                                          "web directory rw web\n");
    REQUIRE(find_image(pool.open(), ImageName::parse(".hidden")));
}

TEST_CASE("a directory hides a raw file of the same name, in listings and look-ups", "[storage]") {
    const TempPool pool;
    write_file(pool / "web.raw", "");
    REQUIRE(listing(pool.open()) == "web raw rw web.raw\n");
    std::filesystem::create_directory(pool / "web");
    REQUIRE(listing(pool.open()) == "web directory rw web\n");
    REQUIRE(find_image(pool.open(), ImageName::parse("web"))->path == pool / "web");
    REQUIRE_FALSE(find_image(pool.open(), ImageName::parse("web.raw")));
    REQUIRE_FALSE(find_image(pool.open(), ImageName::parse("db")));
}

TEST_CASE("symlinks are followed for the type; what leads nowhere is skipped", "[storage]") {
    const TempPool pool;
    const TempDir elsewhere;
    std::filesystem::create_directory(elsewhere / "tree");
    write_file(elsewhere / "disk.img", "");
    std::filesystem::create_symlink(elsewhere / "tree", pool / "tree");
    std::filesystem::create_symlink(elsewhere / "disk.img", pool / "disk.raw");
    std::filesystem::create_symlink(elsewhere / "disk.img", pool / "disk2");
    std::filesystem::create_symlink("gone", pool / "dangling");
    std::filesystem::create_symlink("loop", pool / "loop");
    REQUIRE(listing(pool.open()) == "disk raw rw disk.raw\n"
                                    "tree directory rw tree\n");
}

TEST_CASE("a raw image without any write bit is read-only, a directory by its immutable flag",
          "[storage]") {
    const TempPool pool;
    write_file(pool / "ro.raw", "");
    write_file(pool / "rw.raw", "");
    ::chmod((pool / "ro.raw").c_str(), 0444);
    ::chmod((pool / "rw.raw").c_str(), 0464);
    std::filesystem::create_directory(pool / "tree");
    REQUIRE(listing(pool.open()) == "ro raw ro ro.raw\n"
                                    "rw raw rw rw.raw\n"
                                    "tree directory rw tree\n");
}

TEST_CASE("P6: the mark of a read-only image is found on every kind of tree", "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    std::filesystem::create_directory(pool / "tree");
    set_immutable(pool / "tree", true);
    std::string expected = "tree directory ro tree\n";
    if (kind == "btrfs") {
        volume::make_subvolume(open_pool(pool).get(), "sub");
        volume::make_subvolume(open_pool(pool).get(), "sub-ro");
        const Fd sub(::open((pool / "sub-ro").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::set_subvolume_read_only(sub.get(), true);
        expected = "sub subvolume rw sub\nsub-ro subvolume ro sub-ro\n" + expected;
    }
    REQUIRE(listing(pool.open()) == expected);
}

TEST_CASE("block devices are images, read-only as the device says", "[storage]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs disk("ext4", 16 * MiB);
    const TempPool pool;
    std::filesystem::create_symlink(disk.device(), pool / "disk");
    REQUIRE(listing(pool.open()) == "disk block rw disk\n");
    const Fd fd(::open(disk.device().c_str(), O_RDONLY | O_CLOEXEC));
    int read_only = 1;
    REQUIRE(::ioctl(fd.get(), BLKROSET, &read_only) == 0);
    REQUIRE(listing(pool.open()) == "disk block ro disk\n");
    read_only = 0;
    REQUIRE(::ioctl(fd.get(), BLKROSET, &read_only) == 0);
}

TEST_CASE("the time of creation is the birth of the tree, or an older one that it carries",
          "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const auto created = [&](const char* name) {
        return find_image(pool.open(), ImageName::parse(name))->created_us;
    };
    // A coarse clock stamps inodes: a tick of it may lie before our reading.
    const std::int64_t before = now_us() - 20'000;
    std::filesystem::create_directory(pool / "tree");
    if (kind == "btrfs") {
        volume::make_subvolume(open_pool(pool).get(), "sub");
        REQUIRE(created("sub").value_or(0) >= before);
        REQUIRE(created("sub").value_or(0) <= now_us());
    }
    REQUIRE(created("tree").value_or(0) >= before);
    REQUIRE(created("tree").value_or(0) <= now_us());
    const unsigned char old[8] = {0x00, 0x40, 0x42, 0x0f}; // 256 000 000 µs, little endian
    REQUIRE(::setxattr((pool / "tree").c_str(), "user.crtime_usec", old, sizeof old, 0) == 0);
    REQUIRE(created("tree") == 256'000'000);
    const unsigned char never[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    REQUIRE(::setxattr((pool / "tree").c_str(), "user.crtime_usec", never, sizeof never, 0) == 0);
    REQUIRE(created("tree").value_or(0) >= before);
}

TEST_CASE("a raw image was created when its file was born, or when it says", "[storage]") {
    const TempPool pool;
    const auto created = [&] {
        return find_image(pool.open(), ImageName::parse("disk"))->created_us.value_or(0);
    };
    const std::int64_t before = now_us() - 20'000;
    write_file(pool / "disk.raw", "");
    REQUIRE(created() >= before);
    REQUIRE(created() <= now_us());
    const unsigned char old[8] = {0x00, 0x40, 0x42, 0x0f};
    REQUIRE(::setxattr((pool / "disk.raw").c_str(), "user.crtime_usec", old, sizeof old, 0) == 0);
    REQUIRE(created() == 256'000'000);
}
