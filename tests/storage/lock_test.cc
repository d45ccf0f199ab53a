// systemd-nspawn's lock protocol, and how a holder is named.

#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "storage/lock.hh"
#include "storage/lock_holder.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

constexpr const char* kGlobalLocks = "/run/systemd/nspawn/locks";

std::filesystem::path global_lock_of(const std::filesystem::path& image) {
    struct stat info {};
    REQUIRE(::stat(image.c_str(), &info) == 0);
    const std::string name =
        S_ISBLK(info.st_mode) ? fmt::format("block-{}:{}", major(info.st_rdev), minor(info.st_rdev))
                              : fmt::format("inode-{}:{}", info.st_dev, info.st_ino);
    return std::filesystem::path(kGlobalLocks) / name;
}

} // namespace

TEST_CASE("an exclusive lock excludes, shared locks go together", "[storage][lock]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    const auto lock = [&](LockMode mode) { return ImageLock(open, "web", mode); };
    {
        const ImageLock held = lock(LockMode::Exclusive);
        REQUIRE_THROWS_AS(lock(LockMode::Exclusive), Error);
        REQUIRE_THROWS_AS(lock(LockMode::Shared), Error);
    }
    {
        const ImageLock first = lock(LockMode::Shared);
        const ImageLock second = lock(LockMode::Shared);
        REQUIRE_THROWS_AS(lock(LockMode::Exclusive), Error);
        REQUIRE(pool.entries() == std::set<std::string>{"web", ".#web.lck"});
    }
    REQUIRE(pool.entries() == std::set<std::string>{"web"});
    lock(LockMode::Exclusive).check();
}

TEST_CASE("a lock lies where systemd looks for it, and is gone with its holder",
          "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    {
        const ImageLock held(open, "web", LockMode::Exclusive);
        struct stat info {};
        REQUIRE(::stat((pool / ".#web.lck").c_str(), &info) == 0);
        REQUIRE((info.st_mode & 07777U) == 0600U);
        REQUIRE(::stat(kGlobalLocks, &info) == 0);
        REQUIRE((info.st_mode & 07777U) == 0700U);
        REQUIRE(std::filesystem::exists(global_lock_of(pool / "web")));
    }
    REQUIRE_FALSE(std::filesystem::exists(global_lock_of(pool / "web")));
}

TEST_CASE("the same tree under another name is the same image", "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const TempPool pool;
    const TempPool other;
    std::filesystem::create_directory(pool / "web");
    std::filesystem::create_directory_symlink(pool / "web", other / "alias");
    const ImageLock held(pool.open(), "web", LockMode::Exclusive);
    REQUIRE_THROWS_MATCHES(
        ImageLock(other.open(), "alias", LockMode::Shared), Error,
        failure_with(Kind::Busy, "image 'alias' is in use by storage_test (PID"));
}

TEST_CASE("a block device is locked by its number, whatever leads to it", "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs disk("ext4", 16 * MiB);
    const TempPool pool;
    std::filesystem::create_symlink(disk.device(), pool / "disk");
    const ImageLock held(pool.open(), "disk", LockMode::Exclusive);
    REQUIRE(std::filesystem::exists(global_lock_of(disk.device())));
}

TEST_CASE("a tree on a read-only file system is locked shared without a file beside it",
          "[storage][lock]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const MountedFs fs("tmpfs", "size=1m");
    std::filesystem::create_directory(fs.path() / "web");
    REQUIRE(::mount(nullptr, fs.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    const Pool pool = *Pool::find(fs.path());
    const ImageLock held(pool, "web", LockMode::Shared);
    REQUIRE(names_in(fs.path()) == "web");
    REQUIRE_THROWS_MATCHES(
        ImageLock(pool, "web", LockMode::Exclusive), Error,
        failure(Kind::Denied, "cannot open the lock file '.#web.lck': Read-only file system"));
}

TEST_CASE("where /run cannot be written the lock beside the image does", "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    { const ImageLock makes_the_directory(open, "web", LockMode::Shared); }
    REQUIRE(::mount(nullptr, "/run", nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0);
    {
        const ImageLock held(open, "web", LockMode::Exclusive);
        REQUIRE_THROWS_AS(ImageLock(open, "web", LockMode::Shared), Error);
    }
    REQUIRE(::mount(nullptr, "/run", nullptr, MS_REMOUNT, nullptr) == 0);
    REQUIRE(pool.entries() == std::set<std::string>{"web"});
}

TEST_CASE("P8: the refusal names who holds the image", "[storage][lock]") {
    const TempPool pool;
    std::filesystem::create_directory(pool / "web");
    const LockHolder holder(
        [&] { static const ImageLock held(Pool::open(pool.path()), "web", LockMode::Exclusive); });
    REQUIRE_THROWS_MATCHES(
        ImageLock(pool.open(), "web", LockMode::Exclusive), Error,
        failure(Kind::Busy, fmt::format("image 'web' is in use by {}; nothing was changed",
                                        holder.description())));
}

TEST_CASE("a lock that a dead process held is free, its file is taken over", "[storage][lock]") {
    const TempPool pool;
    std::filesystem::create_directory(pool / "web");
    {
        LockHolder holder([&] {
            static const ImageLock held(Pool::open(pool.path()), "web", LockMode::Exclusive);
        });
        holder.kill();
    }
    REQUIRE(pool.entries() == std::set<std::string>{"web", ".#web.lck"});
    { const ImageLock held(pool.open(), "web", LockMode::Exclusive); }
    REQUIRE(pool.entries() == std::set<std::string>{"web"});
}

TEST_CASE("C10: a lock file that was removed under its holder is noticed by its inode",
          "[storage][lock]") {
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    const ImageLock held(open, "web", LockMode::Exclusive);
    held.check();
    std::filesystem::remove(pool / ".#web.lck");
    REQUIRE_THROWS_MATCHES(
        held.check(), Error,
        failure_with(Kind::Busy, "'.#web.lck' of 'web' was removed by somebody"));
    // Another file of that name is not ours either, and is left alone.
    write_file(pool / ".#web.lck", "");
    REQUIRE_THROWS_AS(held.check(), Error);
}

TEST_CASE("C10: the inode of an image stays locked when the file beside it is removed",
          "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    std::filesystem::create_directory(pool / "web");
    const ImageLock held(open, "web", LockMode::Exclusive);
    std::filesystem::remove(pool / ".#web.lck");
    REQUIRE_THROWS_MATCHES(ImageLock(open, "web", LockMode::Exclusive), Error,
                           failure_with(Kind::Busy, "image 'web' is in use by storage_test"));
}

TEST_CASE("a lock on a file that was unlinked meanwhile is not trusted", "[storage][lock]") {
    const TempDir dir;
    const Fd fd(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    std::optional<LockFile> first = LockFile::take(fd.get(), "lock", LockMode::Exclusive);
    REQUIRE(first);
    std::filesystem::remove(dir / "lock");
    {
        const std::optional<LockFile> second =
            LockFile::take(fd.get(), "lock", LockMode::Exclusive);
        REQUIRE(second);
        REQUIRE(second->still_named());
        REQUIRE_FALSE(first->still_named());
        first.reset(); // must not unlink what is not its own
        REQUIRE(std::filesystem::exists(dir / "lock"));
    }
    REQUIRE_FALSE(std::filesystem::exists(dir / "lock"));
}

TEST_CASE("a symlink in the place of a lock file is not followed", "[storage][lock]") {
    const TempPool pool;
    std::filesystem::create_symlink("/etc/passwd", pool / ".#web.lck");
    REQUIRE_THROWS_AS(ImageLock(pool.open(), "web", LockMode::Exclusive), Error);
}

TEST_CASE("a name too long for a lock file is refused by its length", "[storage][lock]") {
    const TempPool pool;
    const std::string longest(249, 'a');
    { const ImageLock held(pool.open(), longest, LockMode::Exclusive); }
    REQUIRE_THROWS_MATCHES(ImageLock(pool.open(), longest + "a", LockMode::Exclusive), Error,
                           failure_with(Kind::InvalidArgument, "is too long"));
}

TEST_CASE("a new lock file is locked before it can be seen", "[storage][lock]") {
    const TempDir dir;
    const Fd fd(::open(dir.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    {
        const std::optional<LockFile> lock = LockFile::make(fd.get(), "lock", "web\n");
        REQUIRE(lock);
        REQUIRE(lock->content() == "web\n");
        REQUIRE_FALSE(LockFile::make(fd.get(), "lock", ""));
        REQUIRE_FALSE(LockFile::take(fd.get(), "lock", LockMode::Shared));
    }
    REQUIRE(names_in(dir.path()).empty());
    REQUIRE_FALSE(LockFile::take_existing(fd.get(), "lock", LockMode::Exclusive));
}

TEST_CASE("the lock on a name is taken in the directories that systemd searches",
          "[storage][lock]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    // /run/machines is one of them, and /run is ours here.
    std::filesystem::create_directories("/run/machines");
    const Pool searched = Pool::open("/run/machines");
    const TempPool elsewhere;
    const ImageName web = ImageName::parse("web");
    {
        const NameLock held(searched, web);
        REQUIRE(std::filesystem::exists(std::string(kGlobalLocks) + "/name-web"));
        REQUIRE_THROWS_MATCHES(NameLock(searched, web), Error,
                               failure_with(Kind::Busy, "the name 'web' is in use by"));
        const NameLock other_pool(elsewhere.open(), web);
    }
    REQUIRE_FALSE(std::filesystem::exists(std::string(kGlobalLocks) + "/name-web"));
    std::filesystem::remove("/run/machines");
}
