// Quota of btrfs as free space.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/size.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/support/loop_fs.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

/// A btrfs with quota on, and a pool in a subvolume of its own.
class QuotaPool {
public:
    QuotaPool() : fs_("btrfs", 320 * MiB) {
        run_ok({"btrfs", "quota", "enable", fs_.path().string()});
        const Fd top(::open(fs_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::make_subvolume(top.get(), "pool");
    }
    std::filesystem::path path() const { return fs_ / "pool"; }
    Pool open() const { return Pool::open(path()); }
    std::uint64_t id() const {
        const Fd fd(::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        return volume::subvolume_id(fd.get());
    }
    void limit(const std::string& size, const std::string& group) const {
        run_ok({"btrfs", "qgroup", "limit", size, group, fs_.path().string()});
    }
    void put_under(const std::string& parent) const {
        run_ok({"btrfs", "qgroup", "create", parent, fs_.path().string()});
        run_ok(
            {"btrfs", "qgroup", "assign", "--no-rescan", own_group(), parent, fs_.path().string()});
        run_ok({"btrfs", "quota", "rescan", "-w", fs_.path().string()});
    }
    std::string own_group() const { return fmt::format("0/{}", id()); }

private:
    LoopFs fs_;
};

} // namespace

TEST_CASE("P2: what a quota leaves is what is free, when it is less than the volume has",
          "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const QuotaPool pool;
    REQUIRE_FALSE(pool.open().file_system().quota); // on, without any limit
    const std::uint64_t volume = pool.open().file_system().free_bytes;
    pool.limit("100G", pool.own_group());
    REQUIRE_FALSE(pool.open().file_system().quota);
    REQUIRE(pool.open().file_system().free_bytes == volume);
    pool.limit("4M", pool.own_group());
    write_file(pool.path() / "filler", std::string(MiB, 'x'));
    ::sync();
    const volume::FileSystem fs = pool.open().file_system();
    REQUIRE(fs.quota);
    REQUIRE(fs.quota->owner == "qgroup " + pool.own_group());
    REQUIRE(fs.quota->limit_bytes == 4 * MiB);
    REQUIRE(fs.quota->left_bytes == fs.free_bytes);
    REQUIRE(fs.free_bytes <= 3 * MiB); // the subvolume's own root takes a block
    REQUIRE(fs.free_bytes >= 3 * MiB - 64 * KiB);
    REQUIRE(pool.open().space() == fmt::format("'{}' (btrfs) has {} of 4.0M left by the quota of "
                                               "qgroup {}",
                                               pool.path().string(), format_size(fs.free_bytes),
                                               pool.own_group()));
}

TEST_CASE("P2: of several quotas the one that leaves least counts", "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const QuotaPool pool;
    pool.put_under("1/7");
    pool.limit("8M", pool.own_group());
    pool.limit("2M", "1/7");
    REQUIRE(pool.open().file_system().quota->owner == "qgroup 1/7");
    pool.limit("20M", "1/7");
    REQUIRE(pool.open().file_system().quota->owner == "qgroup " + pool.own_group());
    pool.limit("none", pool.own_group());
    REQUIRE(pool.open().file_system().quota->owner == "qgroup 1/7");
    pool.limit("none", "1/7");
    REQUIRE_FALSE(pool.open().file_system().quota);
}

TEST_CASE("P2: the quota of the pool counts for a disk, not for a tree that is a subvolume",
          "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const QuotaPool quota;
    quota.limit("4M", quota.own_group());
    const Pool pool = quota.open();
    const Staging tree(pool, spec("tree"));
    REQUIRE_FALSE(tree.file_system().quota);
    const Staging disk_staging(pool, disk("disk"));
    REQUIRE(disk_staging.file_system().quota->owner == "qgroup " + quota.own_group());
    REQUIRE(disk_staging.space() == pool.space());
}

TEST_CASE("P2: a disk that exceeds a quota is refused, and the quota is named",
          "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const QuotaPool quota;
    quota.limit("2M", quota.own_group());
    const Pool pool = quota.open();
    std::string problem;
    try {
        store_with(pool, disk("web"), std::string(16 * MiB, 'x'));
    } catch (const Error& error) {
        REQUIRE(error.kind() == Kind::NoSpace);
        problem = error.what();
    }
    REQUIRE_THAT(problem, contains("Disk quota exceeded"));
    REQUIRE(names_in(pool.path()).empty());
    write_file(pool.path() / "filler", std::string(1'900'000, 'x'));
    ::sync();
    REQUIRE_THAT(pool.space(), contains("left by the quota of qgroup " + quota.own_group()));
}

TEST_CASE("P10: looking for quota does not switch it on", "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 320 * MiB);
    const TempPool pool(fs);
    const Pool open = pool.open();
    REQUIRE_FALSE(open.file_system().quota);
    store_with(open, disk("web"), "bytes", {{Sibling::Settings, "[Exec]"}});
    remove_image(open, ImageName::parse("web"));
    const RunResult shown = run({"btrfs", "qgroup", "show", fs.path().string()});
    REQUIRE(shown.status != 0);
    REQUIRE_THAT(shown.err, contains("quotas not enabled"));
}
