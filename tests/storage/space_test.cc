// Full volumes: bytes, inodes, quota.

#include <functional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statfs.h>
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

struct statfs room(const std::filesystem::path& path) {
    struct statfs info {};
    REQUIRE(::statfs(path.c_str(), &info) == 0);
    return info;
}

/// Takes all blocks of a volume but about `left`.
void take_blocks(const std::filesystem::path& file, std::uint64_t left) {
    const struct statfs info = room(file.parent_path());
    const Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    std::uint64_t blocks = info.f_bavail > left ? info.f_bavail - left : 0;
    // The extents of the file need some blocks themselves.
    while (blocks > 0 &&
           ::fallocate(fd.get(), 0, 0, static_cast<off_t>(blocks) * info.f_bsize) < 0) {
        REQUIRE(errno == ENOSPC);
        blocks = blocks > 8 ? blocks - 8 : 0;
    }
}

/// The message of the error for want of space, or "".
std::string message_of(const std::function<void()>& storing) {
    try {
        storing();
        return "";
    } catch (const Error& error) {
        REQUIRE(error.kind() == Kind::NoSpace);
        return error.what();
    }
}

/// Stores an image over an old one; the error's message, or "".
std::string try_to_store(const Pool& pool, ReadOnly read_only) {
    return message_of([&] { store(pool, spec("web", Replace::Yes, read_only), "new"); });
}

} // namespace

TEST_CASE("P1: a volume that is full at any step is said to be, and nothing is left",
          "[storage][space]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    const ReadOnly read_only = GENERATE(ReadOnly::No, ReadOnly::Yes);
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopOptions options;
    if (type == "ext4") {
        options.mkfs = {"-m", "0", "-b", "1024"};
    }
    const LoopFs fs(type, type == "ext4" ? 4 * MiB : 320 * MiB, options);
    unsigned refused = 0;
    unsigned stored = 0;
    for (std::uint64_t left = 0; left <= 48; ++left) {
        INFO(type << ", " << left << " blocks left");
        const TempPool pool(fs / next_id());
        const Pool open = pool.open();
        store(open, spec("web", Replace::No, read_only), "old");
        const std::string before = state_of(pool.path());
        const std::filesystem::path filler = fs / "filler";
        take_blocks(filler, left);
        const auto free_before = room(fs.path()).f_bfree;
        const std::string problem = try_to_store(open, read_only);
        const auto free_after = room(fs.path()).f_bfree;
        const std::string after = state_of(pool.path());
        std::filesystem::remove(filler);
        if (problem.empty()) {
            ++stored;
            REQUIRE(after.find(" new") != std::string::npos);
        } else {
            ++refused;
            REQUIRE(after == before);
            if (type == "ext4") { // the others give metadata back later
                REQUIRE(free_after == free_before);
            }
        }
        REQUIRE(sweep(open).removed == 0);
    }
    // btrfs keeps a reserve for metadata that a tree this small lives on.
    REQUIRE((refused > 0 || type == "btrfs"));
    REQUIRE(stored > 0);
}

TEST_CASE("P1: a volume that is full at any step of a disk's commit is said to be, nothing is left",
          "[storage][space][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopOptions options;
    if (type == "ext4") {
        options.mkfs = {"-m", "0", "-b", "1024"};
    }
    const LoopFs fs(type, type == "ext4" ? 4 * MiB : 320 * MiB, options);
    const Siblings siblings = {{Sibling::Settings, "settings"}, {Sibling::RootHash, "hash"}};
    const std::string content(type == "ext4" ? 5'000 : 100'000, 'n');
    unsigned refused = 0;
    unsigned stored = 0;
    const std::uint64_t scale = type == "ext4" ? 1 : 4; // the others set some blocks aside
    for (std::uint64_t left = 0; left <= 48 * scale; left += 2 * scale) {
        INFO(type << ", " << left << " blocks left");
        const TempPool pool(fs / next_id());
        const Pool open = pool.open();
        store_with(open, disk("web"), "old", siblings);
        const std::string before = contents_of(pool.path());
        const std::filesystem::path filler = fs / "filler";
        take_blocks(filler, left);
        const auto free_before = room(fs.path()).f_bfree;
        const std::string problem =
            message_of([&] { store_with(open, disk("web", Replace::Yes), content, siblings); });
        const auto free_after = room(fs.path()).f_bfree;
        const std::string after = contents_of(pool.path());
        std::filesystem::remove(filler);
        if (problem.empty()) {
            ++stored;
            REQUIRE_THAT(after, contains("web.raw: nnn"));
        } else {
            ++refused;
            REQUIRE(after == before);
            if (type == "ext4") { // the others give metadata back later
                REQUIRE(free_after == free_before);
            }
        }
        REQUIRE(sweep(open).removed == 0);
    }
    REQUIRE(refused > 0);
    REQUIRE(stored > 0);
}

TEST_CASE("P1: the refusal of a full volume names it and what is free", "[storage][space]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 4 * MiB, {{"-m", "0", "-b", "1024"}, ""});
    const TempPool pool(fs / "pool");
    const Pool open = pool.open();
    take_blocks(fs / "filler", 0);
    const Fd filler(::open((fs / "filler").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    const std::string block(1024, 'x');
    while (::write(filler.get(), block.data(), block.size()) > 0) { // to the last block
    }
    const StagingSpec what = spec("web");
    REQUIRE_THROWS_MATCHES(
        Staging(open, what), Error,
        failure(Kind::NoSpace, fmt::format("cannot write the lock file '.#slipway-{}.lck': No "
                                           "space left on device; {}; nothing was changed",
                                           what.id, open.space())));
    REQUIRE(open.space() == fmt::format("'{}' (ext4) has {} of {} and {} inodes free",
                                        pool.path().string(), "0B",
                                        format_size(open.file_system().size_bytes),
                                        *open.file_system().free_inodes));
    REQUIRE(pool.entries().empty());
}

TEST_CASE("P3: a volume without inodes is said to have none", "[storage][space]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 4 * MiB, {{"-N", "64"}, ""});
    unsigned refused = 0;
    for (unsigned left = 0; left < 8; ++left) {
        INFO(left << " inodes left");
        const TempPool pool(fs / next_id());
        const Pool open = pool.open();
        std::filesystem::create_directory(fs / "filler");
        for (unsigned i = 0; room(fs.path()).f_ffree > left; ++i) {
            write_file(fs / "filler" / std::to_string(i), "");
        }
        const std::string problem = try_to_store(open, ReadOnly::Yes);
        if (!problem.empty()) {
            ++refused;
            REQUIRE_THAT(problem, contains(" inodes free"));
            REQUIRE(pool.entries().empty());
            REQUIRE(room(fs.path()).f_ffree == left);
        }
        std::filesystem::remove_all(fs / "filler");
        if (problem.empty()) {
            remove_image(open, ImageName::parse("web"));
        }
        std::filesystem::remove_all(pool.path());
    }
    REQUIRE(refused > 3);
    REQUIRE(refused < 8);
}

TEST_CASE("P2: a quota that is exceeded is said to be", "[storage][space]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 320 * MiB);
    run_ok({"btrfs", "quota", "enable", fs.path().string()});
    {
        const Fd top(::open(fs.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        volume::make_subvolume(top.get(), "pool");
    }
    const Pool pool = Pool::open(fs / "pool");
    run_ok({"btrfs", "qgroup", "limit", "2M", pool.path().string()});
    write_file(pool.path() / "filler", std::string(1'000'000, 'x'));
    ::sync();
    StagingSpec what = spec("web");
    what.subvolume = false; // a subvolume has a quota of its own
    std::string problem;
    try {
        Staging staging(pool, what);
        for (int i = 0; i < 20; ++i) {
            fill(staging, std::string(50'000, 'y'), i);
        }
        std::move(staging).commit(accepted(), {"{}"}, {});
    } catch (const Error& error) {
        REQUIRE(error.kind() == Kind::NoSpace);
        problem = error.what();
    }
    REQUIRE_THAT(problem, contains("Disk quota exceeded"));
    REQUIRE(names_in(pool.path()) == "filler");
}
