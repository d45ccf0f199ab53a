// How much room images take: what is known, what walks find, and what of that is remembered.

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "storage/catalog.hh"
#include "storage/usage.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;
namespace fs = std::filesystem;
using std::chrono::sys_seconds;

namespace {

constexpr sys_seconds kThen{std::chrono::seconds(1'700'000'000)};
constexpr sys_seconds kNow{std::chrono::seconds(1'700'000'060)};

std::uint64_t du(const fs::path& path) {
    return std::stoull(run_ok({"du", "-s", "-x", "--block-size=1", path.string()}));
}

class UsagePool {
public:
    explicit UsagePool(const fs::path& path) : pool(path) {}
    Usage ask(const std::string& name, Walks walks, sys_seconds now = kNow) const {
        const auto image = find_image(pool.open(), ImageName::parse(name));
        REQUIRE(image);
        return find_usage({*image}, {.walks = walks, .cache = cache(), .now = now}, {}).at(0);
    }
    fs::path cache() const { return place / "cache/usage"; }

    TempPool pool;
    TempDir place;
};

void fill_tree(const fs::path& tree) {
    for (int i = 0; i < 40; ++i) {
        const fs::path directory = tree / std::to_string(i % 7) / std::to_string(i);
        fs::create_directories(directory);
        write_file(directory / "file", std::string(static_cast<std::size_t>(i) * 1000, 'x'));
    }
    write_file(tree / "linked", std::string(50'000, 'y'));
    fs::create_hard_link(tree / "linked", tree / "again");
    fs::create_hard_link(tree / "linked", tree / "0/again");
    fs::create_symlink("/usr", tree / "usr"); // not followed
    write_file(tree / "sparse", "");
    fs::resize_file(tree / "sparse", 1 * GiB);
}

} // namespace

TEST_CASE("a tree takes what du says, hard links once, links not followed", "[storage][usage]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs", "tmpfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const UsagePool pool(volume / "pool");
    fs::create_directory(pool.pool / "tree");
    fill_tree(pool.pool / "tree");
    ::sync();
    const Usage usage = pool.ask("tree", Walks::All);
    CHECK(usage.total == du(pool.pool / "tree"));
    CHECK_FALSE(usage.exclusive);
    CHECK_FALSE(usage.limit);
    CHECK_FALSE(usage.as_of);
}

TEST_CASE("what is mounted in a tree takes no room of it", "[storage][usage]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const TempDir place;
    const UsagePool pool(place / "pool");
    fs::create_directories(pool.pool / "tree/mnt");
    write_file(pool.pool / "tree/file", std::string(10'000, 'x'));
    const std::uint64_t before = *pool.ask("tree", Walks::All).total;
    const MountedFs other("tmpfs", "");
    write_file(other.path() / "big", std::string(1'000'000, 'x'));
    run_ok({"mount", "--bind", other.path().string(), (pool.pool / "tree/mnt").string()});
    const std::uint64_t during = *pool.ask("tree", Walks::All).total;
    run_ok({"umount", (pool.pool / "tree/mnt").string()});
    CHECK(before - during <= 4096); // of the directory that is mounted over
    CHECK(during <= before);
}

TEST_CASE("a disk takes its blocks, and may take its size", "[storage][usage]") {
    const TempDir place;
    const UsagePool pool(place / "pool");
    write_file(pool.pool / "disk.raw", std::string(100'000, 'x'));
    fs::resize_file(pool.pool / "disk.raw", 1 * GiB);
    const Usage usage = pool.ask("disk", Walks::None);
    CHECK(usage.total == du(pool.pool / "disk.raw"));
    CHECK(usage.exclusive == usage.total);
    CHECK(usage.limit == 1 * GiB);
    CHECK(usage.exclusive_limit == 1 * GiB);
    CHECK_FALSE(usage.as_of);
}

TEST_CASE("of a directory the last walk is remembered with its time", "[storage][usage]") {
    const TempDir place;
    const UsagePool pool(place / "pool");
    fs::create_directory(pool.pool / "tree");
    CHECK_FALSE(pool.ask("tree", Walks::None).total);
    const Usage walked = pool.ask("tree", Walks::Missing, kThen);
    CHECK(walked.total == du(pool.pool / "tree"));
    CHECK_FALSE(walked.as_of);
    write_file(pool.pool / "tree/file", std::string(1 * MiB, 'x'));
    for (const Walks walks : {Walks::None, Walks::Missing}) {
        const Usage remembered = pool.ask("tree", walks);
        CHECK(remembered.total == walked.total);
        CHECK(remembered.as_of == kThen);
    }
    const Usage again = pool.ask("tree", Walks::All);
    CHECK(again.total == du(pool.pool / "tree"));
    CHECK(*again.total > *walked.total);
    CHECK_FALSE(again.as_of);
    CHECK(pool.ask("tree", Walks::None).as_of == kNow);
}

TEST_CASE("another tree of the same name is not taken for the one that was walked",
          "[storage][usage]") {
    const TempDir place;
    const UsagePool pool(place / "pool");
    fs::create_directory(pool.pool / "tree");
    pool.ask("tree", Walks::Missing);
    fs::rename(pool.pool / "tree", pool.pool / "older");
    fs::create_directory(pool.pool / "tree");
    CHECK_FALSE(pool.ask("tree", Walks::None).total);
}

TEST_CASE("of a subvolume it is known that nothing has changed", "[storage][usage]") {
    if (auto why = no_volume("btrfs")) {
        SKIP(*why);
    }
    const Scratch volume("btrfs");
    const UsagePool pool(volume / "pool");
    volume::make_subvolume(pool.pool.open().fd(), "sub");
    fill_tree(pool.pool / "sub");
    const Fd sub(::open((pool.pool / "sub").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    volume::make_subvolume(sub.get(), "nested");
    write_file(pool.pool / "sub/nested/file", std::string(100'000, 'x'));
    ::sync();
    const Usage walked = pool.ask("sub", Walks::Missing, kThen);
    CHECK(*walked.total > 100'000);
    const Usage remembered = pool.ask("sub", Walks::None);
    CHECK(remembered.total == walked.total);
    CHECK_FALSE(remembered.as_of);
    const std::string changed = GENERATE("sub/more", "sub/nested/more");
    write_file(pool.pool / changed, std::string(200'000, 'x'));
    ::sync();
    const Usage stale = pool.ask("sub", Walks::Missing);
    CHECK(stale.total == walked.total);
    CHECK(stale.as_of == kThen);
    const Usage now = pool.ask("sub", Walks::All);
    CHECK(*now.total >= *walked.total + 200'000);
    CHECK_FALSE(now.as_of);
}

TEST_CASE("a damaged cache is none, and is replaced", "[storage][usage]") {
    const TempDir place;
    const UsagePool pool(place / "pool");
    fs::create_directory(pool.pool / "tree");
    pool.ask("tree", Walks::Missing, kThen);
    const std::string good = read_file(pool.cache());
    const std::string damage = GENERATE("cut", "head", "number", "zeros");
    std::string bad = good;
    if (damage == "cut") {
        bad.resize(bad.size() - 4);
    } else if (damage == "head") {
        bad[0] = 'S';
    } else if (damage == "number") {
        bad.insert(bad.find('\n') + 1, "x");
    } else {
        bad = std::string(100, '\0');
    }
    write_file(pool.cache(), bad);
    CHECK_FALSE(pool.ask("tree", Walks::None).total);
    pool.ask("tree", Walks::Missing, kThen);
    CHECK(read_file(pool.cache()) == good);
    CHECK(names_in(place.path()) == "pool");
}

TEST_CASE("a tree that is not walked in time has no usage, and the walk ends", "[storage][usage]") {
    const TempDir place;
    const UsagePool pool(place / "pool");
    fs::create_directory(pool.pool / "tree");
    fill_tree(pool.pool / "tree");
    const auto image = find_image(pool.pool.open(), ImageName::parse("tree"));
    const UsageQuestion question{.walks = Walks::Missing, .patience = std::chrono::milliseconds(0)};
    CHECK_FALSE(find_usage({*image}, question, {}).at(0).total);
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(find_usage({*image}, {.walks = Walks::All}, stop.get_token()), Canceled);
}
