// Disks that are full, small, odd or broken.

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;
using slipway::transfer::Request;

namespace {

struct LargeImage {
    explicit LargeImage(std::uint64_t size_bytes, const std::string& suffix = ".gz") {
        std::filesystem::create_directory(tree);
        make_large_tree(tree, size_bytes);
        archive = pack(tree, suffix);
        server.serve("/a.tar.gz", archive);
    }
    TempDir place;
    std::filesystem::path tree = place / "tree";
    std::string archive;
    HttpServer server;
};

std::uint64_t free_blocks(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ::syncfs(fd.get()); // blocks of what was removed are given back
    struct statvfs info {};
    REQUIRE(::statvfs(path.c_str(), &info) == 0);
    return info.f_bfree;
}

// The kernel takes the mounts of a program that has ended apart a moment after its end, and the
// staging's own inode with them.
void check_given_back(const std::filesystem::path& path, std::uint64_t blocks) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (free_blocks(path) != blocks && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::sleep_for(1ms);
    }
    CHECK(free_blocks(path) == blocks);
}

} // namespace

TEST_CASE("P1: a disk that becomes full refuses with volume, need and what is free, and gives the "
          "space back",
          "[e2e][disk]") {
    const std::string type = GENERATE("ext4", "xfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    const LoopFs fs(type, type == "xfs" ? 300 * MiB : 16 * MiB);
    const Scene scene(fs);
    const std::uint64_t before = free_blocks(fs.path());
    // Zeros that pack well: the length that is announced does not tell.
    LargeImage image(1 * MiB);
    write_file(image.tree / "zeros", std::string(type == "xfs" ? 400 * MiB : 32 * MiB, '\1'));
    image.server.serve("/a.tar.gz", pack(image.tree, ".zst"));
    Request request = scene.pull(image.server.url("/a.tar.gz"));
    request.budget.ratio = 1'000'000;
    const std::string text = check_refused(scene, request, 7, "No space left");
    CHECK_THAT(text, contains("zeros"));
    CHECK_THAT(text, contains("'" + scene.pool.path().string() + "' (" + type + ") has "));
    CHECK_THAT(text, contains("nothing was stored"));
    check_given_back(fs.path(), before);
}

TEST_CASE("an image that is announced larger than what is free is refused before it is unpacked",
          "[e2e][disk]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 8 * MiB);
    const Scene scene(fs);
    LargeImage image(12 * MiB);
    Request request = scene.pull(image.server.url("/a.tar.gz"));
    SECTION("by a server") {
        image.server.always("/a.tar.gz", stall_after(10));
        check_refused(scene, request, 7, "the image takes more than its packed size of 12.0M");
    }
    SECTION("by a file") {
        write_file(image.place / "a.tar.gz", image.archive);
        check_refused(scene, scene.import(image.place / "a.tar.gz"), 7,
                      "the image takes more than its packed size of 12.0M");
    }
}

TEST_CASE("P3: inodes used up are told as such", "[e2e][disk]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB, {.mkfs = {"-N", "128"}, .mount = ""});
    const Scene scene(fs);
    const TempDir place;
    make_plain_tree(place.path(), 300);
    const TempDir files;
    write_file(files / "a.tar", pack(place.path()));
    const std::uint64_t before = free_blocks(fs.path());
    check_refused(scene, scene.import(files / "a.tar"), 7, "and 0 inodes free");
    check_given_back(fs.path(), before);
}

TEST_CASE("P5: a disk that fails in the middle refuses, and the next job sweeps", "[e2e][disk]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    LoopFs fs("ext4", 32 * MiB, {.mkfs = {}, .mount = "errors=remount-ro"});
    const Scene scene(fs);
    LargeImage image(4 * MiB);
    image.server.on("/a.tar.gz", {stall_after(2 * MiB)});
    RunningJob job(scene.pull(image.server.url("/a.tar.gz")));
    job.wait_for_entries(1);
    fs.fail_writes();
    image.server.release();
    const FinishedJob end = job.finish();
    INFO(end.err);
    CHECK(end.status != 0);
    CHECK_FALSE(std::filesystem::exists(scene.image()));

    fs.restart();
    CHECK(run_job(scene.pull(image.server.url("/a.tar.gz"), "next")).status == 0);
    CHECK(scene.leftovers({"next"}) == Lines{});
}

TEST_CASE("P6: an image arrives on every file system", "[e2e][disk]") {
    LargeImage image(1 * MiB, ".zst");
    const auto check = [&](const std::filesystem::path& place, const std::string& kind) {
        const Scene scene;
        Request request = scene.pull(image.server.url("/a.tar.gz"));
        request.pool = place / "pool";
        const FinishedJob job = run_job(request);
        INFO(job.err);
        CHECK(job.status == 0);
        CHECK(job.ended->type == kind);
        CHECK(differences(image.tree, place / "pool/image") == Lines{});
    };
    SECTION("loop devices") {
        const auto [type, mkfs] = GENERATE(table<std::string, std::vector<std::string>>({
            {"ext4", {}},
            {"xfs", {}},
            {"xfs", {"-m", "reflink=0"}},
            {"btrfs", {}},
        }));
        CAPTURE(type, mkfs);
        if (auto why = no_loop_fs(type)) {
            SKIP(*why);
        }
        const LoopFs fs(type, 512 * MiB, {.mkfs = mkfs, .mount = ""});
        check(fs.path(), type == "btrfs" ? "subvolume" : "directory");
    }
    SECTION("tmpfs") {
        if (auto why = no_mounts()) {
            SKIP(*why);
        }
        const MountedFs fs("tmpfs", "");
        check(fs.path(), "directory");
    }
}

TEST_CASE("P8: an image that a machine runs on is not replaced or removed", "[e2e][disk]") {
    const Scene scene;
    const TempDir place;
    make_plain_tree(place / "", 3);
    const TempDir files;
    write_file(files / "a.tar", pack(place.path()));
    REQUIRE(run_job(scene.import(files / "a.tar")).status == 0);
    const storage::Pool pool = scene.pool.open();
    Request request = scene.import(files / "a.tar");
    request.force = true;
    {
        const storage::ImageLock machine(pool, "image", storage::LockMode::Exclusive);
        const FinishedJob replace = run_job(request);
        CHECK(replace.status == 5);
        CHECK_THAT(replace.text(), contains(std::to_string(::getpid())));
        CHECK(run_job(scene.remove("image")).status == 5);
        CHECK(differences(place.path(), scene.image()) == Lines{});
    }
    CHECK(run_job(request).status == 0);
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("P10: quota on btrfs is never switched on", "[e2e][disk]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 256 * MiB);
    const Scene scene(fs);
    LargeImage image(1 * MiB);
    CHECK(run_job(scene.pull(image.server.url("/a.tar.gz"))).status == 0);
    CHECK(run({"btrfs", "qgroup", "show", fs.path()}).status != 0);
}

TEST_CASE("P2: a quota that is exceeded is told as a quota", "[e2e][disk]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 256 * MiB);
    const Scene scene(fs);
    run_ok({"btrfs", "quota", "enable", fs.path()});
    // What is made below a limited subvolume's qgroup counts against it.
    run_ok({"btrfs", "subvolume", "create", (fs.path() / "limited").string()});
    LargeImage image(20 * MiB);
    Request request = scene.pull(image.server.url("/a.tar.gz"));
    request.pool = fs.path() / "limited";
    RunningJob job(request, Face::Transfer);
    job.wait_for_stage("download");
    for (const auto& entry : std::filesystem::directory_iterator(request.pool)) {
        if (entry.is_directory()) {
            run_ok({"btrfs", "qgroup", "limit", "4M", entry.path()});
        }
    }
    const FinishedJob end = job.finish();
    INFO(end.err);
    CHECK(end.status == 7);
    CHECK_THAT(end.text(), contains("quota"));
    CHECK(std::filesystem::is_empty(request.pool));
}
