// Disks on their way in: the same bytes, as sparse as their source, or refused.

#include <array>
#include <chrono>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/publisher.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::Request;

namespace {

constexpr const char* kThen = "Fri, 13 Feb 2009 23:31:30 GMT";
constexpr std::int64_t kThenSeconds = 1'234'567'890;

// A disk of 3 MiB with 256 KiB of data, in a place that lives as long as the test.
struct SmallDisk {
    explicit SmallDisk(std::uint64_t size_bytes = 3 * MiB, std::uint64_t data_bytes = 256 * KiB) {
        make_sparse_disk(file, size_bytes, data_bytes);
    }
    std::string bytes() const { return read_file(file); }
    std::string qcow2(const std::vector<std::string>& options = {}) const {
        make_qcow2(file, place / "disk.qcow2", options);
        return read_file(place / "disk.qcow2");
    }
    TempDir place;
    std::filesystem::path file = place / "disk.raw";
};

std::int64_t modified_at(const std::filesystem::path& file) {
    struct stat info {};
    REQUIRE(::stat(file.c_str(), &info) == 0);
    return info.st_mtim.tv_sec;
}

void check_same_disk(const Scene& scene, const FinishedJob& job,
                     const std::filesystem::path& source) {
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(byte_difference(source, scene.disk()) == "");
    CHECK(scene.leftovers({"image.raw"}) == Lines{});
}

// A tar of these files, made by GNU tar.
std::string tar_of(const std::filesystem::path& directory, const std::vector<std::string>& names) {
    std::vector<std::string> command{"tar", "--create", "--file=-",
                                     "--directory=" + directory.string()};
    command.insert(command.end(), names.begin(), names.end());
    return run_ok(command);
}

} // namespace

TEST_CASE("a real disk with partition table and file system arrives in every compression: fsck "
          "clean, equal, as sparse as its source",
          "[e2e][raw]") {
    static const TempDir place;
    static const std::filesystem::path source = [] {
        std::filesystem::create_directory(place / "tree");
        make_plain_tree(place / "tree", 300);
        make_partitioned_disk(place / "disk.raw", place / "tree", 24);
        return place / "disk.raw";
    }();
    const std::string form =
        GENERATE("", ".gz", ".xz", ".zst", ".bz2", ".lz4", "qcow2", "qcow2 -c");
    CAPTURE(form);
    const Scene scene;
    Publisher publisher;
    if (form.starts_with("qcow2")) {
        make_qcow2(source, place / "disk.qcow2",
                   form == "qcow2" ? std::vector<std::string>{} : std::vector<std::string>{"-c"});
        publisher.publish("noble.img", read_file(place / "disk.qcow2"));
    } else {
        publisher.publish("noble.img", compress(read_file(source), form));
    }
    Request request = scene.pull_disk(publisher.url("noble.img"), "");
    request.verify = "signature";
    request.keyrings = {publisher.keyring()};
    const FinishedJob job = run_job(request);
    INFO(job.err);
    REQUIRE(job.status == 0);

    const std::filesystem::path stored = scene.disk("noble");
    CHECK(byte_difference(source, stored) == "");
    CHECK(fsck_partition(stored) == "");
    const auto wanted = static_cast<double>(allocated_bytes(source));
    const auto found = static_cast<double>(allocated_bytes(stored));
    CHECK(found <= wanted * 1.01);
    CHECK(scene.leftovers({"noble.raw"}) == Lines{});

    CHECK(job.ended->name == "noble");
    CHECK(job.ended->path == stored.string());
    CHECK(job.ended->type == "raw");
    CHECK(job.ended->siblings.empty());
    const std::string word = form.starts_with("qcow2") ? "qcow2" : "raw";
    CHECK_THAT(job.text(), contains("stored '" + stored.string() +
                                    "' as a raw disk: 24.0M of "
                                    "which "));
    CHECK_THAT(job.text(), contains(" are data, " + word + "; verified: SHA-256, signed by "));
    for (const transfer::Progress& progress : job.all<transfer::Progress>()) {
        CHECK_FALSE(progress.entries.has_value());
    }
}

TEST_CASE("a disk has the mode, the name and the time that it should, and is listed and removed",
          "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    HttpServer server;
    server.serve("/web.raw.xz",
                 Resource{.content = compress(disk.bytes(), ".xz"), .last_modified = kThen});
    Request request = scene.pull_disk(server.url("/web.raw.xz?token=secret"), "-");
    request.read_only = GENERATE(false, true);
    REQUIRE(run_job(request).status == 0);
    struct stat info {};
    REQUIRE(::stat(scene.disk("web").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777U) == (request.read_only ? 0444U : 0644U));
    CHECK(info.st_mtim.tv_sec == kThenSeconds);

    const std::string listed =
        run_ok({program("slipway"), "--pool=" + scene.pool.path().string(), "list-images"});
    CHECK_THAT(listed, contains("\nweb  raw  " + std::string(request.read_only ? "yes" : "no ")));
    CHECK(run_job(scene.remove("web")).status == 0);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("an imported disk keeps its time, from a file, a pipe and a descriptor", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    run_ok({"touch", "--date=@1234567890", disk.file.string()});
    SECTION("a file") {
        const FinishedJob job = run_job(scene.import_disk(disk.file));
        check_same_disk(scene, job, disk.file);
        CHECK(modified_at(scene.disk()) == kThenSeconds);
    }
    SECTION("a descriptor") {
        const Fd file(::open(disk.file.c_str(), O_RDONLY | O_CLOEXEC));
        const FinishedJob job = run_job(scene.import_disk(""), Face::Transfer, file.get());
        check_same_disk(scene, job, disk.file);
        CHECK(modified_at(scene.disk()) == kThenSeconds);
    }
    SECTION("a pipe, which has no time of its own") {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        const Fd out(ends[0]);
        Fd in(ends[1]);
        RunningJob job(scene.import_disk(""), Face::Slipway, out.get());
        const std::string bytes = disk.bytes();
        for (std::size_t i = 0; i < bytes.size(); i += 50'000) {
            const std::string part = bytes.substr(i, 50'000);
            REQUIRE(::write(in.get(), part.data(), part.size()) ==
                    static_cast<ssize_t>(part.size()));
        }
        in.reset();
        check_same_disk(scene, job.finish(), disk.file);
    }
}

TEST_CASE("Q4: what a disk is, its bytes say and no name", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    const auto [name, content] = GENERATE_REF(table<std::string, std::string>({
        {"qcow2.img", disk.qcow2()},
        {"qcow2.gz", compress(disk.qcow2(), ".gz")},
        {"qcow2.raw", compress(disk.qcow2({"-c"}), ".xz")},
        {"xz.raw", compress(disk.bytes(), ".xz")},
        {"raw.qcow2", disk.bytes()},
    }));
    CAPTURE(name);
    write_file(disk.place / name, content);
    check_same_disk(scene, run_job(scene.import_disk(disk.place / name)), disk.file);
}

TEST_CASE("Q5: a tar with one disk gives that disk", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    const std::string suffix = GENERATE("", ".gz");
    write_file(disk.place / "a.tar", compress(tar_of(disk.place.path(), {"disk.raw"}), suffix));
    const FinishedJob job = run_job(scene.import_disk(disk.place / "a.tar"));
    check_same_disk(scene, job, disk.file);
    CHECK(job.lines(transfer::LogLevel::Info) == Lines{"the disk is 'disk.raw' of a tar"});
}

TEST_CASE("Q5: a tar with two disks, or with a tree, is refused and names them", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    SECTION("two") {
        write_file(disk.place / "other.raw", disk.bytes());
        write_file(disk.place / "a.tar", tar_of(disk.place.path(), {"disk.raw", "other.raw"}));
        const std::string text =
            check_refused(scene, scene.import_disk(disk.place / "a.tar"), 1, "disk.raw");
        CHECK_THAT(text, contains("other.raw"));
    }
    SECTION("a tree") {
        std::filesystem::create_directory(disk.place / "tree");
        make_plain_tree(disk.place / "tree", 3);
        write_file(disk.place / "a.tar", pack(disk.place / "tree"));
        check_refused(scene, scene.import_disk(disk.place / "a.tar"), 1, "tar");
    }
}

TEST_CASE("A7: what is no disk is refused by what it is", "[e2e][raw]") {
    const Scene scene;
    const TempDir place;
    SECTION("an empty file") {
        write_file(place / "a", "");
        check_refused(scene, scene.import_disk(place / "a"), 1, "empty");
    }
    SECTION("S11: a page, also when nothing is verified") {
        HttpServer server;
        server.serve("/a.raw", "<!DOCTYPE html>\n<html><body>Please log in</body></html>\n");
        check_refused(scene, scene.pull_disk(server.url("/a.raw")), 1, "HTML");
    }
    SECTION("a directory") {
        check_refused(scene, scene.import_disk("/usr/lib"), 1, "is a directory");
    }
}

TEST_CASE("Q2: what a qcow2 needs beside itself is refused by name", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    run_ok({"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk.file.string(),
            (disk.place / "overlay.qcow2").string()});
    const std::string text =
        check_refused(scene, scene.import_disk(disk.place / "overlay.qcow2"), 1, "another file");
    CHECK_THAT(text, contains("qemu-img"));
}

TEST_CASE("Q6: a sparse disk of 1 TiB with 10 MiB of data takes 10 MiB", "[e2e][raw]") {
    const Scene scene;
    const TempDir place;
    make_sparse_disk(place / "large.raw", 1024 * GiB, 10 * MiB);
    make_qcow2(place / "large.raw", place / "large.qcow2");
    HttpServer server;
    server.serve("/large.qcow2", read_file(place / "large.qcow2"));
    const FinishedJob job = run_job(scene.pull_disk(server.url("/large.qcow2")));
    INFO(job.err);
    REQUIRE(job.status == 0);
    CHECK(std::filesystem::file_size(scene.disk()) == 1024 * GiB);
    CHECK(allocated_bytes(scene.disk()) <= 10 * MiB * 101 / 100);
    CHECK_THAT(job.text(), contains("1.0T of which 10.0M are data, qcow2"));
    make_qcow2(scene.disk(), place / "again.qcow2");
    CHECK(byte_difference(place / "large.qcow2", place / "again.qcow2") == "");
    CHECK(scene.leftovers({"image.raw"}) == Lines{});
}

TEST_CASE("Q9: a size that is no multiple of a sector is kept exactly", "[e2e][raw]") {
    const Scene scene;
    const std::uint64_t size = GENERATE(1ULL, 511ULL, 513ULL, MiB + 1, MiB + 4095);
    const SmallDisk disk(size, 64 * KiB);
    write_file(disk.place / "packed", compress(disk.bytes(), ".gz"));
    check_same_disk(scene, run_job(scene.import_disk(disk.place / "packed")), disk.file);
    CHECK(std::filesystem::file_size(scene.disk()) == size);
}

TEST_CASE("Q10: a disk longer than what is free is tried with a notice, and fits when it is zero",
          "[e2e][raw]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 32 * MiB);
    const Scene scene(fs);
    const SmallDisk disk(80 * MiB, 2 * MiB);
    HttpServer server;
    // The one by its length, the other, which is short, by its header.
    server.serve("/a.raw", GENERATE_REF(disk.bytes(), compress(disk.qcow2(), ".gz")));
    const FinishedJob job = run_job(scene.pull_disk(server.url("/a.raw")));
    check_same_disk(scene, job, disk.file);
    const Lines notices = job.lines(transfer::LogLevel::Notice);
    REQUIRE_FALSE(notices.empty()); // so small a file system has no room for attributes, either
    CHECK_THAT(notices.back(),
               contains("the image has 80.0M: it fits only if enough of it is zero"));
}

TEST_CASE("Q10: a disk that no file can be as long as is refused before the download",
          "[e2e][raw]") {
    const Scene scene;
    HttpServer server;
    server.serve("/a.raw", "a disk");
    server.always("/a.raw", claiming_length(9'000'000'000'000'000'000ULL).stall_after(3));
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    check_refused(scene, scene.pull_disk(server.url("/a.raw")), 7,
                  "no file in it can have the 7.8E of the image");
}

TEST_CASE("P1: a disk that fills the volume refuses with volume and what is free, and gives it "
          "back",
          "[e2e][raw]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 16 * MiB);
    const Scene scene(fs);
    const SmallDisk disk(40 * MiB, 30 * MiB);
    HttpServer server;
    server.serve("/a.qcow2", GENERATE_REF(disk.bytes(), disk.qcow2()));
    const std::string text =
        check_refused(scene, scene.pull_disk(server.url("/a.qcow2")), 7, "No space left");
    CHECK_THAT(text, contains("'" + scene.pool.path().string() + "' (ext4) has "));
    CHECK_THAT(text, contains("nothing was stored"));
    // What was taken is free again: something of that size fits.
    const SmallDisk small(8 * MiB, 8 * MiB);
    CHECK(run_job(scene.import_disk(small.file)).status == 0);
}

TEST_CASE("P6: a disk and what lies beside it arrive on every file system", "[e2e][raw]") {
    const SmallDisk disk;
    HttpServer server;
    server.serve("/a.raw.zst", compress(disk.bytes(), ".zst"));
    server.serve("/a.nspawn", "[Exec]\nBoot=yes\n");
    const auto check = [&](const std::filesystem::path& place) {
        const Scene scene;
        Request request = scene.pull_disk(server.url("/a.raw.zst"));
        request.pool = place / "pool";
        const FinishedJob job = run_job(request);
        INFO(job.err);
        CHECK(job.status == 0);
        CHECK(byte_difference(disk.file, place / "pool/image.raw") == "");
        CHECK(read_file(place / "pool/image.nspawn") == "[Exec]\nBoot=yes\n");
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
        check(fs.path());
    }
    SECTION("tmpfs") {
        if (auto why = no_mounts()) {
            SKIP(*why);
        }
        const MountedFs fs("tmpfs", "");
        check(fs.path());
    }
}

TEST_CASE("P7: a name that exists is refused before the download, and --force replaces it",
          "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    HttpServer server;
    server.serve("/a.raw", disk.bytes());
    const bool tree = GENERATE(false, true);
    if (tree) {
        std::filesystem::create_directory(scene.image());
    } else {
        write_file(scene.disk(), "old");
    }
    Request request = scene.pull_disk(server.url("/a.raw"));
    check_refused(scene, request, 4, "--force", {tree ? "image" : "image.raw"});
    CHECK(server.requests().empty());

    request = scene.pull_disk(server.url("/a.raw"));
    request.force = true;
    check_same_disk(scene, run_job(request), disk.file);
}

TEST_CASE("S19: a disk larger than the limit that a request sets is refused", "[e2e][raw]") {
    const Scene scene;
    const SmallDisk disk;
    HttpServer server;
    server.serve("/a", GENERATE_REF(disk.bytes(), disk.qcow2(), compress(disk.bytes(), ".gz")));
    Request request = scene.pull_disk(server.url("/a"));
    request.budget.size_bytes = 1 * MiB;
    check_refused(scene, request, 1, "--max-size");
}
