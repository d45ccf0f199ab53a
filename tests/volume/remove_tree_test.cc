// Deleting trees that do not want to go.

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"
#include "volume/remove_tree.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::volume;
using namespace slipway::tests;

namespace {

Fd open_directory_at(const std::filesystem::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// Makes a chain of `depth` directories below `top`, far deeper than a path can name.
void make_deep(const std::filesystem::path& top, int depth) {
    Fd at = open_directory_at(top);
    for (int i = 0; i < depth; ++i) {
        REQUIRE(::mkdirat(at.get(), "directory", 0700) == 0);
        const Fd file(::openat(at.get(), "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        at = Fd(::openat(at.get(), "directory", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        REQUIRE(at);
    }
}

void set_flag(const std::filesystem::path& path, int flag) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    int flags = 0;
    REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
    flags |= flag;
    REQUIRE(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0);
}

void remove_below(const std::filesystem::path& parent, const std::string& name) {
    volume::remove_tree(open_directory_at(parent).get(), name);
}

} // namespace

TEST_CASE("P9: a tree goes whatever an archive has put into it", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const std::filesystem::path tree = volume / "tree";
    std::filesystem::create_directories(tree / "many");
    for (int i = 0; i < 5000; ++i) {
        write_file(tree / "many" / ("file" + std::to_string(i)), "");
    }
    make_deep(tree, 1500);
    std::filesystem::create_directories(tree / "closed/inner");
    write_file(tree / "closed/inner/file", "x");
    ::chmod((tree / "closed/inner").c_str(), 0);
    ::chmod((tree / "closed").c_str(), 0);
    REQUIRE(::mkfifo((tree / "fifo").c_str(), 0600) == 0);
    REQUIRE(::mknod((tree / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) == 0);
    REQUIRE(::mknod((tree / "whiteout").c_str(), S_IFCHR, 0) == (kind == "overlay" ? -1 : 0));
    write_file(tree / "new\nline\xff", "");
    std::filesystem::create_hard_link(tree / "fifo", tree / "link");
    ::chmod(tree.c_str(), 0);
    remove_below(volume.path(), "tree");
    REQUIRE_FALSE(std::filesystem::exists(tree));
}

TEST_CASE("P9: immutable and append-only files do not stop a removal", "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const std::filesystem::path tree = volume / "tree";
    std::filesystem::create_directories(tree / "a/b");
    write_file(tree / "a/b/immutable", "x");
    write_file(tree / "a/log", "x");
    set_flag(tree / "a/b/immutable", FS_IMMUTABLE_FL);
    set_flag(tree / "a/log", FS_APPEND_FL);
    set_flag(tree / "a/b", FS_APPEND_FL);
    set_flag(tree / "a", FS_IMMUTABLE_FL);
    set_flag(tree, FS_IMMUTABLE_FL);
    remove_below(volume.path(), "tree");
    REQUIRE_FALSE(std::filesystem::exists(tree));
}

TEST_CASE("an immutable file that has a name outside of the tree keeps its flag", "[storage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    std::filesystem::create_directory(volume / "tree");
    write_file(volume / "kept", "x");
    std::filesystem::create_hard_link(volume / "kept", volume / "tree/file");
    tests::set_immutable(volume / "kept", true);
    remove_below(volume.path(), "tree");
    REQUIRE(names_in(volume.path()) == "kept");
    REQUIRE(tests::is_immutable(volume / "kept"));
    tests::set_immutable(volume / "kept", false);
}

TEST_CASE("the directory that a tree lies in is not changed to remove it", "[storage]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Scratch volume("ext4");
    std::filesystem::create_directory(volume / "tree");
    tests::set_immutable(volume / "tree", true);
    std::filesystem::permissions(volume.path(), std::filesystem::perms(0500));
    set_flag(volume.path(), FS_APPEND_FL);
    REQUIRE_THROWS_MATCHES(remove_below(volume.path(), "tree"), Error,
                           failure_with(Kind::Denied, "cannot remove 'tree'"));
    const Fd fd = open_directory_at(volume.path());
    int flags = 0;
    REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
    REQUIRE((flags & FS_APPEND_FL) != 0);
    flags &= ~FS_APPEND_FL;
    REQUIRE(::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags) == 0);
    remove_below(volume.path(), "tree");
    REQUIRE(std::filesystem::status(volume.path()).permissions() == std::filesystem::perms(0500));
}

TEST_CASE("P9: immutable directories deeper than descriptors reach are removed", "[storage]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Scratch volume("ext4");
    const std::filesystem::path tree = volume / "tree";
    std::filesystem::create_directory(tree);
    make_deep(tree, 80);
    std::filesystem::path deep = tree;
    for (int i = 0; i < 70; ++i) {
        deep /= "directory";
    }
    set_flag(deep, FS_IMMUTABLE_FL);
    set_flag(deep.parent_path(), FS_IMMUTABLE_FL);
    set_flag(tree, FS_IMMUTABLE_FL);
    remove_below(volume.path(), "tree");
    REQUIRE_FALSE(std::filesystem::exists(tree));
}

TEST_CASE("P9: nested subvolumes go with the tree, read-only ones too", "[storage]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const bool top_is_subvolume = GENERATE(true, false);
    const Scratch volume("btrfs");
    const std::filesystem::path tree = volume / "tree";
    if (top_is_subvolume) {
        volume::make_subvolume(open_directory_at(volume.path()).get(), "tree");
    } else {
        std::filesystem::create_directory(tree);
    }
    // tree/dir/outer (read-only) holds dir/inner (read-only) with a file.
    std::filesystem::create_directory(tree / "dir");
    volume::make_subvolume(open_directory_at(tree / "dir").get(), "outer");
    std::filesystem::create_directory(tree / "dir/outer/dir");
    volume::make_subvolume(open_directory_at(tree / "dir/outer/dir").get(), "inner");
    write_file(tree / "dir/outer/dir/inner/file", "x");
    for (const char* name : {"dir/outer/dir/inner", "dir/outer"}) {
        volume::set_subvolume_read_only(open_directory_at(tree / name).get(), true);
    }
    if (top_is_subvolume) {
        volume::set_subvolume_read_only(open_directory_at(tree).get(), true);
    }
    remove_below(volume.path(), "tree");
    REQUIRE(names_in(volume.path()).empty());
}

TEST_CASE("a removal follows no link out of the tree", "[storage]") {
    const TempDir dir;
    std::filesystem::create_directories(dir / "outside/dir");
    write_file(dir / "outside/dir/file", "x");
    std::filesystem::create_directory(dir / "tree");
    std::filesystem::create_symlink(dir / "outside", dir / "tree/link");
    std::filesystem::create_symlink("../outside/dir/file", dir / "tree/file");
    remove_below(dir.path(), "tree");
    std::filesystem::create_symlink("outside", dir / "tree");
    remove_below(dir.path(), "tree");
    REQUIRE(names_in(dir.path()) == "outside");
    REQUIRE(read_file(dir / "outside/dir/file") == "x");
}

TEST_CASE("P9: a removal stops at a mount and names it", "[storage]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const bool bind = GENERATE(false, true);
    const Scratch volume("tmpfs");
    std::filesystem::create_directories(volume / "tree/mount");
    std::filesystem::create_directories(volume / "other");
    write_file(volume / "other/file", "x");
    const std::string place = (volume / "tree/mount").string();
    REQUIRE(::mount((volume / "other").c_str(), place.c_str(), "tmpfs", bind ? MS_BIND : 0, "") ==
            0);
    write_file(place + "/file", "x");
    REQUIRE_THROWS_MATCHES(
        remove_below(volume.path(), "tree"), Error,
        failure(Kind::Busy, "something is mounted at 'mount'; unmount it first"));
    REQUIRE(read_file(place + "/file") == "x");
    REQUIRE(::umount(place.c_str()) == 0);
    remove_below(volume.path(), "tree");
    REQUIRE(names_in(volume.path()) == "other");
}

TEST_CASE("removing what is not there does nothing, and a file is removed as a file", "[storage]") {
    const TempDir dir;
    remove_below(dir.path(), "tree");
    write_file(dir / "tree", "x");
    remove_below(dir.path(), "tree");
    REQUIRE(names_in(dir.path()).empty());
}

TEST_CASE("P9: a large tree, which several threads remove, goes as a small one does", "[storage]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const std::filesystem::path tree = volume / "tree";
    write_file(volume / "kept", "kept");
    for (int i = 0; i < 6 * 6 * 6; ++i) {
        const auto place = tree / fmt::format("a{}/b{}/c{}", i % 6, i / 6 % 6, i / 36);
        std::filesystem::create_directories(place / "more/below");
        write_file(place / "file", "content");
        write_file(place / "more/file", "content");
        std::filesystem::create_hard_link(volume / "kept", place / "link");
        std::filesystem::create_directory_symlink(volume.path(), place / "out");
        if (i % 7 == 0) {
            ::chmod((place / "more").c_str(), 0);
        }
        if (i % 11 == 0) {
            make_deep(place, 150);
        }
    }
    if (kind != "overlay" && kind != "tmpfs") {
        set_flag(tree / "a1/b1/c1/file", FS_IMMUTABLE_FL);
        set_flag(tree / "a2/b2", FS_APPEND_FL);
    }
    remove_below(volume.path(), "tree");
    CHECK_FALSE(std::filesystem::exists(tree));
    CHECK(read_file(volume / "kept") == "kept");
    CHECK(std::filesystem::hard_link_count(volume / "kept") == 1);
}

TEST_CASE("P9: the removal of a large tree stops at a mount and names it", "[storage]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    use_private_mounts();
    const TempDir place;
    for (int i = 0; i < 60; ++i) {
        std::filesystem::create_directories(place / fmt::format("tree/a{}/b", i));
    }
    const std::string mount = (place / "tree/a30/b").string();
    REQUIRE(::mount("tmpfs", mount.c_str(), "tmpfs", 0, "") == 0);
    write_file(mount + "/file", "stays");
    REQUIRE_THROWS_MATCHES(remove_below(place.path(), "tree"), Error,
                           failure(Kind::Busy, "something is mounted at 'b'; unmount it first"));
    CHECK(read_file(mount + "/file") == "stays");
    REQUIRE(::umount(mount.c_str()) == 0);
    remove_below(place.path(), "tree");
    CHECK_FALSE(std::filesystem::exists(place / "tree"));
}
