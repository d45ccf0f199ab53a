// A disk's name that is taken: refused, replaced, in use.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");

} // namespace

TEST_CASE("P7: a disk's name that exists is refused before anything is fetched",
          "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    write_file(pool / "disk.raw", "x");
    std::filesystem::create_directory(pool / "web");
    const auto exists = [&](const char* name, const char* type, const char* entry) {
        return failure(Kind::Exists,
                       fmt::format("image '{}' exists ({} '{}'); nothing was changed. Use --force "
                                   "to replace it, or give another name",
                                   name, type, (pool / entry).string()));
    };
    REQUIRE_THROWS_MATCHES(Staging(open, disk("disk")), Error, exists("disk", "raw", "disk.raw"));
    REQUIRE_THROWS_MATCHES(Staging(open, disk("web")), Error, exists("web", "directory", "web"));
    REQUIRE(contents_of(pool.path()) == "disk.raw: x\nweb/: ");
}

TEST_CASE("P7: --force puts a disk in the place of any image, and a tree in that of a disk",
          "[storage][disk]") {
    const std::string kind = GENERATE("ext4", "xfs", "xfs-plain", "btrfs", "tmpfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const auto replace = [&](const StagingSpec& what) { store_with(open, what, "new"); };
    SECTION("a disk by a disk") {
        store_with(open, disk("web"), "old");
        replace(disk("web", Replace::Yes));
        REQUIRE(contents_of(pool.path()) == "web.raw: new");
    }
    SECTION("a read-only disk by a read-only one") {
        store_with(open, disk("web", Replace::No, ReadOnly::Yes), "old");
        replace(disk("web", Replace::Yes, ReadOnly::Yes));
        REQUIRE(contents_of(pool.path()) == "web.raw ro: new");
    }
    SECTION("a tree by a disk") {
        store_with(open, spec("web"), "old");
        replace(disk("web", Replace::Yes));
        REQUIRE(contents_of(pool.path()) == "web.raw: new");
    }
    SECTION("a disk by a tree") {
        store_with(open, disk("web"), "old");
        replace(spec("web", Replace::Yes));
        REQUIRE(contents_of(pool.path()) == "web/: new");
    }
    SECTION("nothing by a disk") {
        replace(disk("web", Replace::Yes));
        REQUIRE(contents_of(pool.path()) == "web.raw: new");
    }
}

TEST_CASE("P9: --force puts a disk in the place of what is marked against it", "[storage][disk]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    SECTION("a read-only tree") {
        store_with(open, spec("web", Replace::No, ReadOnly::Yes), "old");
    }
    SECTION("an immutable directory") {
        std::filesystem::create_directory(pool / "web");
        tests::set_immutable(pool / "web", true);
    }
    SECTION("an immutable disk") {
        write_file(pool / "web.raw", "old");
        tests::set_immutable(pool / "web.raw", true);
    }
    store_with(open, disk("web", Replace::Yes), "new");
    REQUIRE(contents_of(pool.path()) == "web.raw: new");
}

TEST_CASE("P7: --force replaces the link of a symlinked image, never what it leads to",
          "[storage][disk]") {
    const TempPool pool;
    const TempDir elsewhere;
    const Pool open = pool.open();
    const ImageKind kind = GENERATE(ImageKind::Tree, ImageKind::Disk);
    StagingSpec what = spec("web", Replace::Yes);
    what.kind = kind;
    SECTION("a disk") {
        write_file(elsewhere / "disk", "kept");
        std::filesystem::create_symlink(elsewhere / "disk", pool / "web.raw");
        store_with(open, what, "new");
        REQUIRE(read_file(elsewhere / "disk") == "kept");
    }
    SECTION("a directory") {
        std::filesystem::create_directory(elsewhere / "tree");
        write_file(elsewhere / "tree/id", "kept");
        std::filesystem::create_directory_symlink(elsewhere / "tree", pool / "web");
        store_with(open, what, "new");
        REQUIRE(read_file(elsewhere / "tree/id") == "kept");
    }
    REQUIRE(contents_of(pool.path()) == (kind == ImageKind::Disk ? "web.raw: new" : "web/: new"));
}

TEST_CASE("P7: --force replaces the node of a device, never what is on it", "[storage][disk]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs device("ext4", 16 * MiB);
    const TempPool pool;
    const Pool open = pool.open();
    const auto first_bytes = [&] {
        const Fd fd(::open(device.device().c_str(), O_RDONLY | O_CLOEXEC));
        std::string bytes(4096, '\0');
        REQUIRE(::read(fd.get(), bytes.data(), bytes.size()) == 4096);
        return bytes;
    };
    const std::string before = first_bytes();
    SECTION("a link to it") {
        std::filesystem::create_symlink(device.device(), pool / "web");
    }
    SECTION("a node of its own") {
        struct stat info {};
        REQUIRE(::stat(device.device().c_str(), &info) == 0);
        REQUIRE(::mknod((pool / "web").c_str(), S_IFBLK | 0600, info.st_rdev) == 0);
    }
    REQUIRE(find_image(open, kWeb)->type == ImageType::Block);
    const ImageKind kind = GENERATE(ImageKind::Tree, ImageKind::Disk);
    StagingSpec what = spec("web", Replace::Yes);
    what.kind = kind;
    store_with(open, what, "new");
    REQUIRE(contents_of(pool.path()) == (kind == ImageKind::Disk ? "web.raw: new" : "web/: new"));
    REQUIRE(first_bytes() == before);
}

TEST_CASE("P7: what is no disk of that name is not replaced by one", "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    const Replace replace = GENERATE(Replace::No, Replace::Yes);
    SECTION("a directory that is called like the file") {
        std::filesystem::create_directory(pool / "web.raw");
    }
    SECTION("a link that leads nowhere") {
        std::filesystem::create_symlink("gone", pool / "web.raw");
    }
    const auto before = pool.entries();
    REQUIRE_THROWS_MATCHES(
        Staging(open, disk("web", replace)), Error,
        failure(Kind::Exists, fmt::format("'{}' exists and is not a raw image; nothing was "
                                          "changed. Move it away, or give another name",
                                          (pool / "web.raw").string())));
    REQUIRE(pool.entries() == before);
}

TEST_CASE("P7: a disk does not replace a directory that hides another disk", "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    write_file(pool / "web.raw", "hidden");
    REQUIRE_THROWS_MATCHES(
        Staging(open, disk("web", Replace::Yes)), Error,
        failure(Kind::Exists,
                fmt::format("image 'web' is the directory '{}', and hides a raw file of that name: "
                            "both would have to go; nothing was changed. Remove the first, or give "
                            "another name",
                            (pool / "web").string())));
    REQUIRE(contents_of(pool.path()) == "web.raw: hidden\nweb/: ");
}

TEST_CASE("P6: on an overlay a disk does not replace a directory", "[storage][disk]") {
    if (auto why = no_volume("overlay")) {
        SKIP(*why);
    }
    const Scratch volume("overlay");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store_with(open, spec("web"), "old");
    REQUIRE_THROWS_MATCHES(
        Staging(open, disk("web", Replace::Yes)), Error,
        failure(Kind::Unsupported,
                "image 'web' is a directory on an overlay, where a disk cannot take its place in "
                "one step; nothing was changed. Remove the image first"));
    REQUIRE(contents_of(pool.path()) == "web/: old");
    store_with(open, disk("db"), "old");
    store_with(open, disk("db", Replace::Yes), "new");
    REQUIRE(contents_of(pool.path()) == "db.raw: new\nweb/: old");
}

TEST_CASE("C2: a disk and a tree of one name exclude each other while they are made",
          "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    SECTION("the disk first") {
        const Staging first(open, disk("web"));
        REQUIRE_THROWS_MATCHES(Staging(open, spec("web")), Error,
                               failure_with(Kind::Busy, "image 'web' is in use by storage_test"));
        REQUIRE_THROWS_MATCHES(Staging(open, disk("web")), Error,
                               failure_with(Kind::Busy, "image 'web' is in use by storage_test"));
    }
    SECTION("the tree first") {
        const Staging first(open, spec("web"));
        REQUIRE_THROWS_MATCHES(Staging(open, disk("web")), Error,
                               failure_with(Kind::Busy, "image 'web' is in use by storage_test"));
    }
}

TEST_CASE("P8: a disk in use is neither removed nor replaced, and who uses it is named",
          "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    store_with(open, disk("web"), "old");
    const LockMode mode = GENERATE(LockMode::Exclusive, LockMode::Shared);
    const LockHolder holder(
        [&] { static const ImageLock held(Pool::open(pool.path()), "web.raw", mode); });
    const auto busy =
        failure(Kind::Busy, fmt::format("image 'web.raw' is in use by {}; nothing was changed",
                                        holder.description()));
    REQUIRE_THROWS_MATCHES(remove_image(open, kWeb), Error, busy);
    REQUIRE_THROWS_MATCHES(Staging(open, disk("web", Replace::Yes)), Error, busy);
    REQUIRE_THROWS_MATCHES(Staging(open, spec("web", Replace::Yes)), Error, busy);
    REQUIRE_THROWS_MATCHES(Staging(open, disk("web")), Error,
                           failure_with(Kind::Exists, "image 'web' exists"));
    REQUIRE(contents_of(pool.path()) == ".#web.raw.lck: \nweb.raw: old");
}

TEST_CASE("P8: a directory in use does not make way for a disk", "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    store_with(open, spec("web"), "old");
    const LockHolder holder(
        [&] { static const ImageLock held(Pool::open(pool.path()), "web", LockMode::Shared); });
    REQUIRE_THROWS_MATCHES(Staging(open, disk("web", Replace::Yes)), Error,
                           failure_with(Kind::Busy, "image 'web' is in use by"));
    REQUIRE(contents_of(pool.path()) == ".#web.lck: \nweb/: old");
}

TEST_CASE("C4: a disk's name that is taken during the download is refused", "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    const char* const entry = GENERATE("web.raw", "web");
    {
        Staging staging(open, disk("web"));
        write_to(staging.root(), "new");
        if (std::string_view(entry) == "web") {
            std::filesystem::create_directory(pool / entry);
        } else {
            write_file(pool / entry, "theirs");
        }
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure_with(Kind::Exists, "image 'web' exists"));
    }
    REQUIRE(pool.entries() == std::set<std::string>{entry});
}

TEST_CASE("C10: a disk is not committed when somebody has removed one of its lock files",
          "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    const StagingSpec what = disk("web");
    const std::string lock =
        GENERATE(as<std::string>{}, ".#slipway-ID.lck", ".#web.lck", ".#web.raw.lck");
    {
        Staging staging(open, what);
        write_to(staging.root(), "new");
        const bool own = lock == ".#slipway-ID.lck";
        std::filesystem::remove(pool / (own ? ".#slipway-" + what.id + ".lck" : lock));
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure_with(Kind::Busy, "was removed by somebody"));
    }
    REQUIRE(pool.entries().empty());
}
