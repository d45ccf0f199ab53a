// Disks: hidden files that become NAME.raw.

#include <chrono>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/features.hh"
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

struct stat look_at(const std::filesystem::path& path) {
    struct stat info {};
    REQUIRE(::lstat(path.c_str(), &info) == 0);
    return info;
}

unsigned mode_of(const std::filesystem::path& path) {
    return look_at(path).st_mode & 07777U;
}

/// How often a block device was asked to make everything durable (sysfs, "stat", 16th field).
std::uint64_t flushes_of(const std::string& device) {
    std::ifstream stat("/sys/block/" + std::filesystem::path(device).filename().string() + "/stat");
    std::uint64_t value = 0;
    for (int field = 1; field <= 16; ++field) {
        stat >> value;
    }
    return value;
}

unsigned flags_of(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    unsigned flags = 0;
    REQUIRE(::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0);
    return flags;
}

} // namespace

TEST_CASE("P6: a disk appears as NAME.raw, with where it came from", "[storage][disk]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    Staging staging(open, disk("web"));
    REQUIRE(staging.type() == ImageType::Raw);
    write_to(staging.root(), "bytes");
    REQUIRE(std::move(staging).commit(accepted(), {R"({"source":"test"})"}, {}) ==
            pool / "web.raw");
    REQUIRE(contents_of(pool.path()) == "web.raw: bytes");
    REQUIRE(mode_of(pool / "web.raw") == 0644U);
    const std::string expected = probe_features(open).xattrs ? R"({"source":"test"})" : "";
    REQUIRE(origin_of(pool / "web.raw") == expected);
    const std::optional<Image> image = find_image(open, kWeb);
    REQUIRE(image);
    REQUIRE(image->type == ImageType::Raw);
    REQUIRE_FALSE(image->read_only);
}

TEST_CASE("P6: a read-only disk has no write bit on any file system", "[storage][disk]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store_with(open, disk("web", Replace::No, ReadOnly::Yes), "bytes");
    REQUIRE(mode_of(pool / "web.raw") == 0444U);
    REQUIRE(find_image(open, kWeb)->read_only);
    remove_image(open, kWeb);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a disk is hidden, private and empty until it is committed", "[storage][disk]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const StagingSpec what = disk("web");
    const std::string hidden = ".#slipway-" + what.id;
    {
        const Staging staging(open, what);
        REQUIRE(pool.entries() ==
                std::set<std::string>{hidden, hidden + ".lck", ".#web.lck", ".#web.raw.lck"});
        REQUIRE(mode_of(pool / hidden) == 0600U);
        REQUIRE(look_at(pool / hidden).st_size == 0);
        REQUIRE((::fcntl(staging.root(), F_GETFL) & O_ACCMODE) == O_RDWR);
        REQUIRE(list_images(open, true).empty());
    }
    REQUIRE(pool.entries().empty());
}

TEST_CASE("a disk inherits neither group nor ACLs of the pool, nor does what comes with it",
          "[storage][disk]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    REQUIRE(::chown(pool.path().c_str(), 0, 50) == 0);
    std::filesystem::permissions(pool.path(), std::filesystem::perms(02775));
    run_ok({"setfacl", "-d", "-m", "u:1000:rwx", pool.path().string()});
    const mode_t before = ::umask(077);
    store_with(pool.open(), disk("web"), "bytes", {{Sibling::Settings, "[Exec]"}});
    ::umask(before);
    for (const char* name : {"web.raw", "web.nspawn"}) {
        INFO(name);
        REQUIRE(look_at(pool / name).st_gid == 0);
        REQUIRE(mode_of(pool / name) == 0644U);
        const std::string acl = run_ok({"getfacl", "-cp", (pool / name).string()});
        REQUIRE(acl == "user::rw-\ngroup::r--\nother::r--\n\n");
    }
}

TEST_CASE("on btrfs a disk is written in place, its siblings are not", "[storage][disk]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const TempPool pool(volume / "pool");
    const ReadOnly read_only = GENERATE(ReadOnly::No, ReadOnly::Yes);
    store_with(pool.open(), disk("web", Replace::No, read_only), "bytes",
               {{Sibling::RootHash, "0123"}});
    REQUIRE((flags_of(pool / "web.raw") & FS_NOCOW_FL) != 0);
    REQUIRE((flags_of(pool / "web.roothash") & FS_NOCOW_FL) == 0);
}

TEST_CASE("a disk keeps the time of its source, as file and in listings", "[storage][disk]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const std::chrono::nanoseconds since_1970 =
        GENERATE(std::chrono::nanoseconds(1'600'000'000'123'456'789),
                 std::chrono::nanoseconds(-1'500'000'000));
    {
        Staging staging(open, disk("web"));
        write_to(staging.root(), "bytes");
        staging.set_modified(std::chrono::sys_time<std::chrono::nanoseconds>(since_1970));
        std::move(staging).commit(accepted(), {"{}"}, {});
    }
    const struct stat info = look_at(pool / "web.raw");
    REQUIRE(info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec == since_1970.count());
    const std::int64_t created = find_image(open, kWeb)->created_us.value();
    if (since_1970.count() > 0) {
        REQUIRE(created == 1'600'000'000'123'456);
    } else { // a time that listings cannot show
        REQUIRE(created > 1'600'000'000'123'456);
    }
}

TEST_CASE("the medium is flushed a few times for a disk, whatever its size", "[storage][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    const LoopFs fs(type, 320 * MiB);
    const TempPool pool(fs);
    const Pool open = pool.open();
    const auto flushes = [&](std::size_t size_bytes, const Siblings& siblings) {
        Staging staging(open, disk("web", Replace::Yes));
        fill_with(staging, ImageKind::Disk, std::string(size_bytes, 'x'), siblings);
        const std::uint64_t before = flushes_of(fs.device());
        std::move(staging).commit(accepted(), {"{}"}, {});
        return flushes_of(fs.device()) - before;
    };
    INFO(type);
    CHECK(flushes(1, {}) <= 8);
    CHECK(flushes(32 * MiB, {}) <= 8);
    // About two for each file that has to be durable before the decision, the plan among them.
    CHECK(flushes(32 * MiB, {{Sibling::Settings, "1"}, {Sibling::RootHash, "2"}}) <= 16);
}

TEST_CASE("scratch files have no name and lie on the pool's volume", "[storage][disk]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const Staging staging(open, disk("web"));
    const std::set<std::string> before = pool.entries();
    const Fd one = staging.make_scratch();
    const Fd two = staging.make_scratch();
    REQUIRE(pool.entries() == before);
    write_to(one.get(), "bytes");
    struct stat info {};
    REQUIRE(::fstat(two.get(), &info) == 0);
    REQUIRE(info.st_size == 0);
    REQUIRE(info.st_nlink == 0);
    REQUIRE(::fstat(one.get(), &info) == 0);
    REQUIRE(info.st_size == 5);
    struct stat in_pool {};
    REQUIRE(::fstat(open.fd(), &in_pool) == 0);
    REQUIRE(info.st_dev == in_pool.st_dev);
}

TEST_CASE("a commit of a disk that is canceled at any step leaves the old state",
          "[storage][disk]") {
    const CommitStep step = GENERATE(CommitStep::Sync, CommitStep::Rename);
    const TempPool pool;
    const Pool open = pool.open();
    store_with(open, disk("web"), "old", {{Sibling::RootHash, "old hash"}});
    {
        Staging staging(open, disk("web", Replace::Yes));
        fill_with(staging, ImageKind::Disk, "new", {{Sibling::RootHash, "new hash"}});
        REQUIRE_THROWS_AS(std::move(staging).commit(accepted(), {},
                                                    [&](CommitStep now) {
                                                        if (now == step) {
                                                            throw Canceled();
                                                        }
                                                    }),
                          Canceled);
    }
    REQUIRE(contents_of(pool.path()) == "web.raw: old\nweb.roothash: old hash");
}

TEST_CASE("C6: a living disk's staging is left alone, a dead one's is swept", "[storage][disk]") {
    const TempPool pool;
    const Pool open = pool.open();
    const StagingSpec what = disk("web");
    LockHolder job([&] {
        static const Pool own = Pool::open(pool.path());
        static Staging staging(own, what);
        fill_with(staging, ImageKind::Disk, "half",
                  {{Sibling::Settings, "half"}, {Sibling::Verity, "half"}});
    });
    const std::string hidden = ".#slipway-" + what.id;
    const std::set<std::string> all = {
        hidden,      hidden + ".lck", hidden + ".nspawn", hidden + ".verity",
        ".#web.lck", ".#web.raw.lck"};
    REQUIRE(pool.entries() == all);
    REQUIRE(sweep(open).removed == 0);
    REQUIRE(pool.entries() == all);
    // Not even when somebody has removed its lock file (C10).
    std::filesystem::remove(pool / (hidden + ".lck"));
    REQUIRE(sweep(open).removed == 0);
    REQUIRE(std::filesystem::exists(pool / (hidden + ".verity")));
    job.kill();
    const Swept swept = sweep(open);
    REQUIRE(swept.removed == 1);
    REQUIRE(swept.problems.empty());
    std::filesystem::remove(pool / ".#web.lck"); // whose job's lock file, which names it, is gone
    std::filesystem::remove(pool / ".#web.raw.lck");
    REQUIRE(pool.entries().empty());
}
