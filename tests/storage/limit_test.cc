// Limits by btrfs quota: what they count, and that nothing else switches quota on.

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "storage/limit.hh"
#include "storage/staging.hh"
#include "storage/usage.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/support/loop_fs.hh"
#include "volume/quota.hh"
#include "volume/subvolume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

/// A btrfs with a pool that is a subvolume.
class LimitPool {
public:
    LimitPool() : fs("btrfs", 400 * MiB) {
        const Fd top(::open(fs.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::make_subvolume(top.get(), "pool");
    }
    std::filesystem::path path() const { return fs / "pool"; }
    Pool open() const { return Pool::open(path()); }
    Image image(const std::string& name) const {
        return find_image(open(), ImageName::parse(name)).value();
    }
    void make(const std::string& name) const { volume::make_subvolume(open().fd(), name); }
    bool quota_is_on() const { return volume::read_quota(open().fd()).has_value(); }

    LoopFs fs;
};

/// How much of `bytes` can be written to a new file, in steps of 64 KiB that reach the disk.
std::uint64_t write_until_full(const std::filesystem::path& file, std::uint64_t bytes) {
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const std::string block(64 * KiB, 'x');
    std::uint64_t written = 0;
    while (written<bytes&& ::write(fd.get(), block.data(), block.size())> 0 &&
           ::fsync(fd.get()) == 0) {
        written += block.size();
    }
    return written;
}

} // namespace

TEST_CASE("P10: without leave quota stays off, and the error says what would switch it on",
          "[storage][limit]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LimitPool pool;
    pool.make("web");
    REQUIRE_THROWS_MATCHES(
        limit_image(pool.image("web"), 1 * MiB, EnableQuota::No), Error,
        failure(Kind::Unsupported,
                "image 'web' cannot be limited: btrfs quota is off on its file system, or may not "
                "be read; nothing was changed. --enable-quota switches it on for the whole file "
                "system"));
    REQUIRE_THROWS_MATCHES(limit_pool(pool.open(), 1 * MiB, EnableQuota::No), Error,
                           failure_with(Kind::Unsupported, "btrfs quota is off"));
    CHECK(limit_image(pool.image("web"), std::nullopt, EnableQuota::No).empty());
    CHECK(limit_pool(pool.open(), std::nullopt, EnableQuota::Yes).empty()); // nothing to limit
    CHECK_FALSE(pool.quota_is_on());
    CHECK_FALSE(known_usage(pool.image("web")).total);
}

TEST_CASE("an image's limit holds, is shown, and can be taken away", "[storage][limit]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LimitPool pool;
    const std::string before = GENERATE("off", "full");
    if (before == "full") {
        run_ok({"btrfs", "quota", "enable", pool.fs.path().string()});
    }
    pool.make("web");
    const std::string said = limit_image(pool.image("web"), 4 * MiB, EnableQuota::Yes);
    CHECK(said.empty() == (before == "full"));
    REQUIRE(pool.quota_is_on());
    CHECK(known_usage(pool.image("web")).limit == 4 * MiB);
    const std::uint64_t written = write_until_full(pool.path() / "web/file", 8 * MiB);
    CHECK(written >= 3 * MiB);
    CHECK(written <= 4 * MiB);
    CHECK(limit_image(pool.image("web"), std::nullopt, EnableQuota::No).empty());
    CHECK_FALSE(known_usage(pool.image("web")).limit);
    CHECK(write_until_full(pool.path() / "web/file", 8 * MiB) == 8 * MiB);
}

TEST_CASE("where full quota is on, usage is what it counts, nested subvolumes included",
          "[storage][limit][usage]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LimitPool pool;
    run_ok({"btrfs", "quota", "enable", pool.fs.path().string()});
    pool.make("web");
    write_file(pool.path() / "web/file", std::string(1 * MiB, 'x'));
    ::sync();
    const Usage alone = known_usage(pool.image("web"));
    REQUIRE(alone.total);
    CHECK(*alone.total >= 1 * MiB);
    CHECK(*alone.total <= 1 * MiB + 128 * KiB);
    CHECK(alone.exclusive == alone.total);
    CHECK_FALSE(alone.limit);
    const Fd web(::open((pool.path() / "web").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    volume::make_subvolume(web.get(), "nested");
    write_file(pool.path() / "web/nested/file", std::string(2 * MiB, 'x'));
    volume::make_flat_snapshot(web.get(), pool.open().fd(), "copy");
    ::sync();
    const Usage both = known_usage(pool.image("web"));
    CHECK(*both.total >= 3 * MiB);
    CHECK(*both.total <= 3 * MiB + 256 * KiB);
    CHECK(*both.exclusive < *both.total - 1 * MiB + 64 * KiB); // the first file is shared
}

TEST_CASE("the limit of a pool counts what is in it and what comes", "[storage][limit]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LimitPool pool;
    const std::string before = GENERATE("off", "full");
    if (before == "full") {
        run_ok({"btrfs", "quota", "enable", pool.fs.path().string()});
    }
    pool.make("old");
    write_file(pool.path() / "old/file", std::string(2 * MiB, 'x'));
    ::sync();
    limit_pool(pool.open(), 12 * MiB, EnableQuota::Yes);
    CHECK(pool_usage(pool.open()).limit == 12 * MiB);
    store(pool.open(), spec("new"), "content");
    pool.make("newer");
    std::uint64_t written = write_until_full(pool.path() / "new/filler", 5 * MiB);
    CHECK(written == 5 * MiB);
    written += write_until_full(pool.path() / "newer/filler", 5 * MiB);
    written += write_until_full(pool.path() / "old/filler", 5 * MiB);
    CHECK(written <= 12 * MiB);
    CHECK(written >= (before == "full" ? 8 * MiB : 10 * MiB));
    CHECK(*pool_usage(pool.open()).total >= 8 * MiB);
    limit_pool(pool.open(), std::nullopt, EnableQuota::No);
    CHECK_FALSE(pool_usage(pool.open()).limit);
    CHECK(write_until_full(pool.path() / "old/filler", 16 * MiB) == 16 * MiB);
}

TEST_CASE("what cannot be limited says why", "[storage][limit]") {
    const TempDir place;
    const TempPool plain(place / "pool");
    std::filesystem::create_directory(plain / "tree");
    write_file(plain / "disk.raw", "");
    const auto image = [&](const char* name) {
        return find_image(plain.open(), ImageName::parse(name)).value();
    };
    REQUIRE_THROWS_MATCHES(limit_image(image("disk"), 1, EnableQuota::Yes), Error,
                           failure(Kind::Unsupported,
                                   "image 'disk' is a raw, and only a btrfs subvolume can be "
                                   "limited; nothing was changed"));
    REQUIRE_THROWS_MATCHES(limit_image(image("tree"), 1, EnableQuota::Yes), Error,
                           failure_with(Kind::Unsupported, "is a directory, and only"));
    REQUIRE_THROWS_MATCHES(limit_pool(plain.open(), 1, EnableQuota::Yes), Error,
                           failure_with(Kind::Unsupported, "only btrfs can limit it"));
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 320 * MiB);
    const TempPool pool(fs);
    REQUIRE_THROWS_MATCHES(limit_pool(pool.open(), 1, EnableQuota::Yes), Error,
                           failure_with(Kind::Unsupported, "Make the pool a subvolume"));
    CHECK_FALSE(volume::read_quota(pool.open().fd()));
}
