// What is left of dead jobs, and what is not.

#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/hidden.hh"
#include "storage/identity.hh"
#include "storage/lock.hh"
#include "storage/plan.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/holder.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

/// A job that has filled its staging and does nothing more; its own process.
LockHolder job_at_work(const TempPool& pool, const StagingSpec& what) {
    return LockHolder([&] {
        static const Pool open = Pool::open(pool.path());
        static const Staging staging(open, what);
        fill(staging, "half", 20);
    });
}

} // namespace

TEST_CASE("K1: what a killed job has left is swept, its lock files included", "[storage][sweep]") {
    const std::string kind = GENERATE(from_range(all_volumes()));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    const StagingSpec what = spec("web");
    {
        LockHolder job = job_at_work(pool, what);
        job.kill();
    }
    const std::string hidden = ".#slipway-" + what.id;
    REQUIRE(pool.entries() == std::set<std::string>{hidden, hidden + ".lck", ".#web.lck"});
    REQUIRE(list_images(open, true).empty());
    const Swept swept = sweep(open);
    REQUIRE(swept.removed == 1);
    REQUIRE(swept.completed == 0);
    REQUIRE(swept.problems.empty());
    REQUIRE(pool.entries().empty());
    REQUIRE(sweep(open).removed == 0);
}

TEST_CASE("K1: the locks of an image that a killed job was replacing are swept, too",
          "[storage][sweep]") {
    if (auto why = use_private_run()) {
        SKIP(*why);
    }
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "old");
    struct stat info {};
    REQUIRE(::stat((pool / "web").c_str(), &info) == 0);
    const std::string global =
        fmt::format("/run/systemd/nspawn/locks/inode-{}:{}", info.st_dev, info.st_ino);
    job_at_work(pool, spec("web", Replace::Yes)).kill();
    REQUIRE(std::filesystem::exists(global));
    REQUIRE(sweep(open).problems.empty());
    REQUIRE_FALSE(std::filesystem::exists(global));
    REQUIRE(state_of(pool.path()) == "web: directory old");
}

TEST_CASE("the lock file that a dead reader of an image left is swept", "[storage][sweep]") {
    const TempPool pool;
    const Pool open = pool.open();
    store(open, spec("web"), "web");
    store(open, spec("used"), "used");
    LockHolder dead([&] { static const ImageLock lock(open, "web", LockMode::Shared); });
    dead.kill();
    const LockHolder alive([&] { static const ImageLock lock(open, "used", LockMode::Shared); });
    write_file(pool / ".#notes.lck", "somebody's");
    std::filesystem::create_directory(pool / ".#place.lck");
    const std::set<std::string> theirs{"web", "used", ".#used.lck", ".#notes.lck", ".#place.lck"};
    std::set<std::string> all = theirs;
    all.insert(".#web.lck");
    // Whoever has just made it may be about to lock it.
    REQUIRE(sweep(open).problems.empty());
    REQUIRE(pool.entries() == all);
    for (const std::string& name : all) {
        std::filesystem::last_write_time(
            pool / name, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(3));
    }
    REQUIRE(sweep(open).problems.empty());
    REQUIRE(pool.entries() == theirs);
}

TEST_CASE("C6: a sweep leaves living jobs alone", "[storage][sweep]") {
    const TempPool pool;
    const StagingSpec what = spec("web");
    const LockHolder job = job_at_work(pool, what);
    const std::set<std::string> before = pool.entries();
    const Swept swept = sweep(pool.open());
    REQUIRE(swept.removed == 0);
    REQUIRE(swept.problems.empty());
    REQUIRE(pool.entries() == before);
    // Not even when somebody has removed its lock file (C10).
    std::filesystem::remove(pool / (".#slipway-" + what.id + ".lck"));
    REQUIRE(sweep(pool.open()).removed == 0);
    REQUIRE(std::filesystem::exists(pool / (".#slipway-" + what.id) / "file-19"));
}

TEST_CASE("C6: the next job sweeps what dead ones left", "[storage][sweep]") {
    const TempPool pool;
    const Pool open = pool.open();
    job_at_work(pool, spec("web")).kill();
    job_at_work(pool, spec("db")).kill();
    SECTION("one for the same name") {
        store(open, spec("web"), "one");
        REQUIRE(state_of(pool.path()) == "web: directory one");
    }
    SECTION("a removal") {
        std::filesystem::create_directory(pool / "old");
        remove_image(open, ImageName::parse("old"));
        REQUIRE(pool.entries().empty());
    }
}

TEST_CASE("P12: foreign hidden files are never touched", "[storage][sweep]") {
    const TempPool pool;
    const Pool open = pool.open();
    const std::set<std::string> foreign = {
        ".#tar1234abcd",
        ".#web.lck",
        ".#slipway-",
        ".#slipway-0123",
        ".#slipway-0123456789ABCDEF",
        ".#slipway-0123456789abcdefg",
        ".#slipway-0123456789abcdef.lck~",
        ".#slipway-0123456789abcdef.plan.new",
        ".slipway-0123456789abcdef",
        "slipway-0123456789abcdef",
    };
    for (const std::string& name : foreign) {
        write_file(pool / name, "theirs");
    }
    const Swept swept = sweep(open);
    REQUIRE(swept.removed == 0);
    REQUIRE(swept.problems.empty());
    REQUIRE(pool.entries() == foreign);
    for (const std::string& name : foreign) {
        REQUIRE(read_file(pool / name) == "theirs");
    }
}

TEST_CASE("a staging whose lock file is gone is still known as dead", "[storage][sweep]") {
    const TempPool pool;
    std::filesystem::create_directories(pool / ".#slipway-0123456789abcdef/dir");
    write_file(pool / ".#slipway-00000000000000aa.plan",
               "slipway-plan 1\nread-only\n"); // cut short
    const Swept swept = sweep(pool.open());
    REQUIRE(swept.removed == 1);
    REQUIRE(swept.problems.empty());
    REQUIRE(pool.entries().empty());
}

TEST_CASE("one leftover that cannot be removed does not stop the sweep", "[storage][sweep]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const TempPool pool;
    const std::string stuck = ".#slipway-0000000000000001";
    std::filesystem::create_directories(pool / stuck / "dir");
    std::filesystem::create_directory(pool / ".#slipway-0000000000000002");
    const MountedFs fs("tmpfs", "size=64k");
    REQUIRE(::mount(fs.path().c_str(), (pool / stuck / "dir").c_str(), nullptr, MS_BIND, nullptr) ==
            0);
    const Swept swept = sweep(pool.open());
    REQUIRE(::umount((pool / stuck / "dir").c_str()) == 0);
    REQUIRE(swept.removed == 1);
    REQUIRE(swept.problems ==
            std::vector<std::string>{"cannot clear away what a dead job left as '" + stuck +
                                     "': something is mounted at 'dir'; unmount it first"});
    REQUIRE(sweep(pool.open()).removed == 1);
    REQUIRE(pool.entries().empty());
}

TEST_CASE("C5: a plan is not completed on an image in use, but by the next sweep after that",
          "[storage][sweep]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Scratch volume("ext4");
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "new");
    // What a job leaves that died between the rename and the mark.
    const HiddenNames names(next_id());
    write_plan(open.fd(), names,
               {.name = "web",
                .fresh = find_identity(open.fd(), "web").value(),
                .read_only = true,
                .old_name = {},
                .old = {},
                .old_immutable = false});
    {
        const LockHolder holder(
            [&] { static const ImageLock held(Pool::open(pool.path()), "web", LockMode::Shared); });
        const Swept swept = sweep(open);
        REQUIRE(swept.completed == 0);
        REQUIRE(swept.problems.size() == 1);
        REQUIRE_THAT(swept.problems.front(),
                     contains("image 'web' is in use by " + holder.description()));
        REQUIRE(std::filesystem::exists(pool / names.plan));
    }
    REQUIRE(sweep(open).completed == 1);
    std::filesystem::remove(pool / ".#web.lck"); // the killed holder's
    REQUIRE(state_of(pool.path()) == "web: directory ro new");
}

TEST_CASE("C7: fresh stagings survive sweeps that run all the time", "[storage][sweep]") {
    const TempPool pool;
    // Two processes sweep as fast as they can while a third makes and commits stagings.
    const auto sweeper = [&] {
        const pid_t pid = ::fork();
        if (pid == 0) {
            const Pool open = Pool::open(pool.path());
            for (;;) {
                sweep(open);
            }
        }
        return pid;
    };
    const pid_t first = sweeper();
    const pid_t second = sweeper();
    unsigned stored = 0;
    std::string problem;
    try {
        const Pool open = pool.open();
        for (; stored < 60; ++stored) {
            const std::string name = fmt::format("image-{}", stored);
            store(open, spec(name), name);
        }
    } catch (const Error& error) {
        problem = error.what();
    }
    for (const pid_t pid : {first, second}) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
    }
    REQUIRE(problem.empty());
    sweep(pool.open()); // a sweeper that was killed may have left a lock file
    REQUIRE(list_images(pool.open(), true).size() == 60);
    REQUIRE(pool.entries().size() == 60);
}

TEST_CASE("C9: whoever looks during --force sees the old image or the new one, whole",
          "[storage][sweep]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const TempPool pool(volume / "pool");
    const Pool open = pool.open();
    store(open, spec("web"), "0");
    const pid_t replacer = ::fork();
    if (replacer == 0) {
        for (int i = 1; i <= 40; ++i) {
            const ReadOnly read_only = i % 2 == 0 ? ReadOnly::Yes : ReadOnly::No;
            store(open, spec("web", Replace::Yes, read_only), std::to_string(i));
        }
        ::_exit(0);
    }
    int last = 0;
    int missing = 0;
    int backwards = 0;
    int status = 0;
    while (::waitpid(replacer, &status, WNOHANG) == 0) {
        const Fd image(::openat(open.fd(), "web", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!image) {
            ++missing;
            continue;
        }
        // The old image is deleted under whoever still looks into it, but never changed.
        const Fd id(::openat(image.get(), "id", O_RDONLY | O_CLOEXEC));
        char text[8] = {};
        if (id && ::read(id.get(), text, sizeof text - 1) > 0) {
            backwards += std::atoi(text) < last ? 1 : 0;
            last = std::atoi(text);
        }
    }
    REQUIRE(status == 0);
    REQUIRE(missing == 0);
    REQUIRE(backwards == 0);
    REQUIRE(read_file(pool / "web/id") == "40");
}
