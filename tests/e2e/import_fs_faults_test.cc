// Directories that cannot be brought in, disks that are full, jobs that are stopped.

#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

namespace fs = std::filesystem;

std::uint64_t free_blocks(const fs::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ::syncfs(fd.get()); // blocks of what was removed are given back
    struct statvfs info {};
    REQUIRE(::statvfs(path.c_str(), &info) == 0);
    return info.f_bfree;
}

// A tree that takes long enough to be interrupted.
struct LongTree {
    LongTree() { make_plain_tree(tree.path(), 20'000); }
    TempDir tree;
};

} // namespace

TEST_CASE("what is no tree to be brought in is refused by name", "[e2e][import-fs]") {
    const Scene scene;
    const TempDir place;
    write_file(place / "file", "");
    const std::string pool = scene.pool.path().string();
    SECTION("nothing there") {
        check_refused(scene, scene.import_fs(place / "missing"), 3,
                      "cannot open '" + (place / "missing").string() + "'");
    }
    SECTION("a file") {
        check_refused(scene, scene.import_fs(place / "file"), 1,
                      "'" + (place / "file").string() +
                          "' is a file; import-fs stores a directory. import-tar and import-raw "
                          "take archives and disks");
    }
    SECTION("the pool") {
        check_refused(scene, scene.import_fs(scene.pool.path()), 2,
                      "it is the pool '" + pool + "' itself");
    }
    SECTION("what holds the pool") {
        check_refused(scene, scene.import_fs(scene.pool.path().parent_path()), 2,
                      "the pool '" + pool + "' lies in it and would be copied into itself");
    }
    SECTION("the same by another path") {
        fs::create_symlink(scene.pool.path().parent_path(), place / "link");
        check_refused(scene, scene.import_fs(place / "link"), 2, "would be copied into itself");
    }
    SECTION("what a job has hidden there") {
        fs::create_directories(scene.pool / ".#other/tree");
        check_refused(scene, scene.import_fs(scene.pool / ".#other/tree"), 2,
                      "belongs to a job that works in the pool", {".#other"});
    }
    SECTION("a name that is none") {
        check_refused(scene, scene.import_fs(place.path(), "a/b"), 2, "'a/b'");
    }
}

TEST_CASE("a directory cannot be verified: to ask for that is refused", "[e2e][import-fs]") {
    const Scene scene;
    const TempDir place;
    make_plain_tree(place.path(), 3);
    Request request = scene.import_fs(place.path());
    request.verify = "signature";
    const FinishedJob job = run_job(request, Face::Transfer);
    CHECK(job.status == 2);
    CHECK_THAT(job.text(), contains("a directory cannot be verified"));
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("P1: a pool that becomes full refuses the directory, and gives the space back",
          "[e2e][import-fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs volume("ext4", 16 * MiB);
    const Scene scene(volume);
    const std::uint64_t before = free_blocks(volume.path());
    const TempDir place;
    make_plain_tree(place.path(), 10);
    write_file(place / "large", std::string(32 * MiB, 'x'));
    const std::string text = check_refused(scene, scene.import_fs(place.path()), 7,
                                           "'large': cannot write its copy: No space left");
    CHECK_THAT(text, contains("'" + scene.pool.path().string() + "' (ext4) has "));
    CHECK_THAT(text, contains("nothing was stored"));
    CHECK(free_blocks(volume.path()) == before);
}

TEST_CASE("P1: a whole file system that does not fit is refused before it is copied",
          "[e2e][import-fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs source("ext4", 64 * MiB);
    write_file(source / "large", std::string(32 * MiB, 'x'));
    ::sync();
    const LoopFs volume("ext4", 16 * MiB);
    const Scene scene(volume);
    const FinishedJob job = run_job(scene.import_fs(source.path()));
    CHECK(job.status == 7);
    CHECK_THAT(job.text(),
               contains("the tree takes 32.") && contains(" inodes; nothing was stored"));
    CHECK(job.last_stage() == "");
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("P3: inodes that are used up by a directory are told as such", "[e2e][import-fs]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs volume("ext4", 16 * MiB, {.mkfs = {"-N", "128"}, .mount = ""});
    const Scene scene(volume);
    const TempDir place;
    make_plain_tree(place.path(), 300);
    check_refused(scene, scene.import_fs(place.path()), 7, "and 0 inodes free");
}

TEST_CASE("K2: a signal ends the copying with its status, clean, within a second",
          "[e2e][import-fs]") {
    const Scene scene;
    static const LongTree source;
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const Face face = GENERATE(Face::Slipway, Face::Transfer);
    CAPTURE(signal, face == Face::Slipway);
    RunningJob job(scene.import_fs(source.tree.path()), face);
    job.wait_for_entries(1);
    const auto start = std::chrono::steady_clock::now();
    job.kill(signal);
    const FinishedJob end = job.finish();
    CHECK(std::chrono::steady_clock::now() - start < 1s);
    CHECK(end.status == 128 + signal);
    CHECK(end.text() ==
          "importing '" + source.tree.path().string() + "': canceled; nothing was stored");
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("K1: a keeper that is killed while it copies leaves nothing visible, and the next sweeps",
          "[e2e][import-fs]") {
    const Scene scene;
    const LongTree source;
    const TempDir place;
    make_plain_tree(place.path(), 3);
    for (const std::uint64_t entries : {1U, 3000U, 10'000U}) {
        RunningJob job(scene.import_fs(source.tree.path()));
        job.wait_for_entries(entries);
        const std::optional<pid_t> keeper = job.find_keeper();
        REQUIRE(keeper);
        ::kill(*keeper, SIGKILL);
        const FinishedJob end = job.finish();
        CHECK(end.status == 1);
        CHECK_FALSE(fs::exists(scene.image()));
        CHECK(wait_for_orphans() == Lines{});
        CHECK(run_job(scene.import_fs(place.path(), "next")).status == 0);
        CHECK(scene.leftovers({"next"}) == Lines{});
        REQUIRE(run_job(scene.remove("next")).status == 0);
    }
}
