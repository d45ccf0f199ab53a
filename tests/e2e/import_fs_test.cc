// Directories of this host on their way in, from the command line to the listing.

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/rich_tree.hh"

using namespace slipway;
using namespace slipway::tests;
using slipway::transfer::LogLevel;
using slipway::transfer::Request;

namespace {

namespace fs = std::filesystem;

nlohmann::json origin_of(const fs::path& image) {
    std::string text(4096, '\0');
    const ssize_t size = ::getxattr(image.c_str(), "user.slipway.origin", text.data(), text.size());
    REQUIRE(size > 0);
    return nlohmann::json::parse(text.substr(0, static_cast<std::size_t>(size)));
}

Lines stages_of(const FinishedJob& job) {
    Lines stages;
    for (const transfer::StageEntered& entered : job.all<transfer::StageEntered>()) {
        stages.push_back(entered.stage);
    }
    return stages;
}

std::uint64_t free_blocks(const fs::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    ::syncfs(fd.get()); // blocks of what was removed are given back
    struct statvfs info {};
    REQUIRE(::statvfs(path.c_str(), &info) == 0);
    return info.f_bfree;
}

} // namespace

TEST_CASE("a directory becomes an image that equals it and says where it came from",
          "[e2e][import-fs]") {
    const Scene scene;
    const TempDir place;
    fs::create_directory(place / "web");
    make_rich_tree(place / "web");
    const Tree before = read_tree(place / "web");
    const FinishedJob job = run_job(scene.import_fs(place / "web", ""));
    REQUIRE(job.err == "");
    REQUIRE(job.status == 0);
    CHECK(differences(place / "web", scene.image("web")) == Lines{});
    CHECK(tree_differences(before, read_tree(place / "web")) == Lines{});
    CHECK(scene.leftovers({"web"}) == Lines{});
    CHECK(job.ended->name == "web");
    CHECK(job.ended->type == "directory");
    CHECK(job.ended->digest == "");
    CHECK_THAT(job.text(),
               contains("stored '" + scene.image("web").string() + "' as a directory: "));
    CHECK_THAT(job.text(),
               contains(" copied in " + std::to_string(before.size() - 1) + " entries"));
    CHECK(stages_of(job) == Lines{"copy", "sync", "commit"});
    const nlohmann::json origin = origin_of(scene.image("web"));
    CHECK(origin.at("source") == (place / "web").string());
    CHECK(origin.at("verdict") == "unchecked");
    CHECK_FALSE(origin.contains("digest"));
}

TEST_CASE("a subvolume of the pool's file system becomes a snapshot, and that is said",
          "[e2e][import-fs]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs volume("btrfs", 320 * MiB);
    const Scene scene(volume);
    const fs::path source = volume / "web";
    run_ok({"btrfs", "subvolume", "create", source.string()});
    make_rich_tree(source);
    const Request request = scene.import_fs(source);
    const FinishedJob job = run_job(request);
    INFO(job.err);
    REQUIRE(job.status == 0);
    CHECK(job.text() == "stored '" + scene.image().string() + "' as a subvolume: a snapshot of '" +
                            source.string() + "'");
    CHECK(job.ended->type == "subvolume");
    CHECK(stages_of(job) == Lines{"snapshot", "sync", "commit"});
    CHECK(differences(source, scene.image()) == Lines{});
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("P6: a directory arrives on every file system, with shared blocks where they can be had",
          "[e2e][import-fs]") {
    const auto [type, mkfs, shares] = GENERATE(table<std::string, std::vector<std::string>, bool>({
        {"ext4", {}, false},
        {"xfs", {}, true},
        {"xfs", {"-m", "reflink=0"}, false},
        {"btrfs", {}, true},
    }));
    CAPTURE(type, mkfs);
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    const LoopFs volume(type, 512 * MiB, {.mkfs = mkfs, .mount = ""});
    const Scene scene(volume);
    fs::create_directory(volume / "tree");
    make_plain_tree(volume / "tree", 30);
    write_file(volume / "tree/large", std::string(30 * MiB, 'x'));
    const std::uint64_t before = free_blocks(volume.path());
    const FinishedJob job = run_job(scene.import_fs(volume / "tree"));
    INFO(job.err << job.text());
    REQUIRE(job.status == 0);
    CHECK(differences(volume / "tree", scene.image()) == Lines{});
    const std::string shared = "; 32 of 32 files share their blocks with it";
    CHECK((job.text().find(shared) != std::string::npos) == shares);
    const std::uint64_t taken = (before - free_blocks(volume.path())) * 4096;
    CHECK((taken < 10 * MiB) == shares);
    CHECK(job.ended->type == (type == "btrfs" ? "subvolume" : "directory"));
}

TEST_CASE("--force replaces in one step, --read-only marks", "[e2e][import-fs]") {
    const Scene scene;
    const TempDir old_tree;
    const TempDir new_tree;
    make_plain_tree(old_tree.path(), 3);
    make_plain_tree(new_tree.path(), 4);
    REQUIRE(run_job(scene.import_fs(old_tree.path())).status == 0);
    Request request = scene.import_fs(new_tree.path());
    check_refused(scene, request, 4, "image 'image' exists", {"image"});
    request.id = transfer::make_id();
    request.force = true;
    request.read_only = true;
    const FinishedJob job = run_job(request);
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(differences(new_tree.path(), scene.image()) == Lines{});
    CHECK_THAT(run_ok({program("slipway"), "list-images", "--pool", scene.pool.path()}),
               contains("image directory yes"));
    REQUIRE(run_job(scene.remove("image")).status == 0);
    CHECK(scene.leftovers() == Lines{});
}

TEST_CASE("a directory has its own name for the image, whatever its path ends in",
          "[e2e][import-fs]") {
    const Scene scene;
    const TempDir place;
    fs::create_directories(place / "web.tar/inner");
    const std::string end = GENERATE("", "/", "/.", "/inner/..");
    const FinishedJob job = run_job(scene.import_fs((place / "web.tar").string() + end, ""));
    INFO(job.err);
    CHECK(job.status == 0);
    CHECK(job.ended->name == "web.tar");
}

TEST_CASE("a directory whose name no request can hold comes as a descriptor", "[e2e][import-fs]") {
    const Scene scene;
    const TempDir place;
    const fs::path tree = place / "\xff";
    fs::create_directory(tree);
    make_plain_tree(tree, 3);
    RunResult result =
        run({program("slipway"), "import-fs", "--pool", scene.pool.path(), tree, "image"});
    INFO(result.err);
    CHECK(result.status == 0);
    CHECK(differences(tree, scene.image()) == Lines{});
    result = run({program("slipway"), "import-fs", "--pool", scene.pool.path(), tree});
    CHECK(result.status == 2);
    CHECK_THAT(result.err, contains("which is not UTF-8; expected slipway import-fs DIR NAME"));
}

TEST_CASE("mounts below are named, one a line, and empty in the image", "[e2e][import-fs]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Scene scene;
    const TempDir place;
    fs::create_directories(place / "proc");
    fs::create_directories(place / "a b/c");
    REQUIRE(::mount("none", (place / "proc").c_str(), "tmpfs", 0, nullptr) == 0);
    REQUIRE(::mount("none", (place / "a b/c").c_str(), "tmpfs", 0, nullptr) == 0);
    write_file(place / "proc/secret", "");
    const FinishedJob job = run_job(scene.import_fs(place.path()));
    ::umount((place / "proc").c_str());
    ::umount((place / "a b/c").c_str());
    REQUIRE(job.status == 0);
    const std::string rest =
        " is another mount, or the pool, and was not entered: it is empty in the copy";
    CHECK(job.lines(LogLevel::Notice) == Lines{"'a b/c'" + rest, "'proc'" + rest});
    CHECK(fs::is_empty(scene.image() / "proc"));
    CHECK(fs::is_empty(scene.image() / "a b/c"));
}

TEST_CASE("the host's own root is brought in without the pool", "[e2e][import-fs]") {
    if (auto why = no_mounts()) {
        SKIP(*why);
    }
    const Scene scene;
    const MountedFs root("tmpfs", "mode=755");
    const auto bind = [&](const fs::path& from, const std::string& to) {
        fs::create_directories(root.path() / to);
        REQUIRE(::mount(from.c_str(), (root.path() / to).c_str(), nullptr, MS_BIND | MS_REC,
                        nullptr) == 0);
    };
    bind("/usr", "usr");
    bind("/proc", "proc");
    bind("/dev", "dev");
    bind(program(""), "programs");
    for (const char* name : {"bin", "lib", "lib64", "sbin"}) {
        fs::copy_symlink(fs::path("/") / name, root.path() / name);
    }
    fs::create_directories(root.path() / "var/lib");
    fs::create_directories(root.path() / "run");
    fs::create_directories(root.path() / "etc");
    write_file(root.path() / "etc/hostname", "host");
    const RunResult result =
        run({"chroot", root.path(), "/programs/slipway", "import-fs", "/", "host"});
    const RunResult nameless = run({"chroot", root.path(), "/programs/slipway", "import-fs", "/"});
    for (const char* name : {"usr", "proc", "dev", "programs"}) {
        ::umount2((root.path() / name).c_str(), MNT_DETACH);
    }
    INFO(result.err);
    CHECK(result.status == 0);
    const fs::path image = root.path() / "var/lib/machines/host";
    CHECK(read_file(image / "etc/hostname") == "host");
    CHECK(fs::is_empty(image / "var/lib/machines"));
    CHECK(fs::is_empty(image / "usr"));
    CHECK_THAT(result.err, contains("'var/lib/machines' is another mount, or the pool, and was not "
                                    "entered"));
    CHECK(nameless.status == 2);
    CHECK_THAT(nameless.err, contains("has no name of its own"));
}
