// Clones, from the command line to the tree: snapshot, shared blocks, copy.

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/fd.hh"
#include "base/json.hh"
#include "storage/lock.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/disk_image.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/scene.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/rich_tree.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

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

FinishedJob succeed(const Request& request, Face face = Face::Slipway) {
    FinishedJob job = run_job(request, face);
    INFO(job.text() << job.err);
    REQUIRE(job.status == 0);
    return job;
}

Fd open_tree(const fs::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/// The tree without what a clone says of itself.
Lines clone_differences(const fs::path& source, const fs::path& clone) {
    Tree from = read_tree(source);
    Tree to = read_tree(clone);
    from["."].attributes.erase("user.slipway.origin");
    to["."].attributes.erase("user.slipway.origin");
    return tree_differences(from, to);
}

std::uint64_t used_bytes(const LoopFs& fs) {
    const Fd fd = open_tree(fs.path());
    ::syncfs(fd.get());
    struct statvfs info {};
    REQUIRE(::statvfs(fs.path().c_str(), &info) == 0);
    return (info.f_blocks - info.f_bfree) * info.f_frsize;
}

LoopOptions options_for(const std::string& kind) {
    LoopOptions options;
    if (kind == "xfs-plain") {
        options.mkfs = {"-m", "reflink=0"};
    }
    return options;
}

std::string type_of(const std::string& kind) {
    return kind == "xfs-plain" ? "xfs" : kind;
}

} // namespace

TEST_CASE("the clone of a tree equals it, and costs what the file system can give",
          "[e2e][clone]") {
    const auto [kind, type, how] = GENERATE(table<std::string, std::string, std::string>({
        {"btrfs", "subvolume", ": a snapshot"},
        {"xfs", "directory", " share their blocks with it"},
        {"xfs-plain", "directory", " copied in "},
        {"ext4", "directory", " copied in "},
    }));
    if (auto why = no_loop_fs(type_of(kind))) {
        SKIP(*why);
    }
    INFO(kind);
    const LoopFs fs(type_of(kind), 512 * MiB, options_for(kind));
    const Scene scene(fs);
    const TempDir place;
    fs::create_directory(place / "web");
    make_rich_tree(place / "web");
    write_file(place / "web/large", std::string(24 * MiB, 'x'));
    succeed(scene.import_fs(place / "web", "web"));
    write_file(scene.pool / "web.nspawn", "[Exec]");
    const std::uint64_t before = used_bytes(fs);
    const bool read_only = GENERATE(false, true);
    Request request = scene.clone("web", "new");
    request.read_only = read_only;
    const FinishedJob job = succeed(request);
    CHECK(job.err == "");
    CHECK(clone_differences(scene.image("web"), scene.image("new")) == Lines{});
    CHECK(scene.leftovers({"web", "web.nspawn", "new", "new.nspawn"}) == Lines{});
    CHECK(read_file(scene.pool / "new.nspawn") == "[Exec]");
    CHECK(job.ended->name == "new");
    CHECK(job.ended->type == type);
    CHECK(job.ended->siblings == Lines{"new.nspawn"});
    CHECK_THAT(job.text(), contains("a clone of '" + scene.image("web").string() + "'"));
    CHECK_THAT(job.text(), contains(how));
    const bool copied = kind == "ext4" || kind == "xfs-plain";
    CHECK((used_bytes(fs) - before > 20 * MiB) == copied);
    CHECK(stages_of(job) == Lines{kind == "btrfs" ? "snapshot" : "copy", "sync", "commit"});
    const auto image = storage::find_image(scene.pool.open(), storage::ImageName::parse("new"));
    REQUIRE(image);
    CHECK(image->read_only == read_only);
}

TEST_CASE("a clone keeps where its source came from, and says of what it is a clone",
          "[e2e][clone]") {
    const Scene scene;
    const TempDir place;
    fs::create_directory(place / "web");
    succeed(scene.import_fs(place / "web", "web"));
    succeed(scene.clone("web", "second"));
    succeed(scene.rename("second", "renamed"));
    const FinishedJob third = succeed(scene.clone("renamed", "third"));
    const nlohmann::json origin = origin_of(scene.image("third"));
    CHECK(origin.at("source") == (place / "web").string());
    CHECK(origin.at("job") == third.all<transfer::Started>().at(0).id);
    const nlohmann::json& parent = origin.at("parent");
    CHECK(parent.at("name") == "renamed");
    CHECK(parent.at("path") == scene.image("renamed").string());
    CHECK(parent.at("cloned_at") > 1'700'000'000);
    CHECK(parent.at("parent").at("name") == "web");
    CHECK_FALSE(origin_of(scene.image("web")).contains("parent"));
}

TEST_CASE("the clone of a disk has its bytes, holes and times", "[e2e][clone]") {
    const auto [kind, how] = GENERATE(table<std::string, std::string>({
        {"btrfs", "it shares its 64.0M with it"},
        {"xfs", "it shares its 64.0M with it"},
        {"ext4", "64.0M copied"},
    }));
    if (auto why = no_loop_fs(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const LoopFs fs(kind, 512 * MiB);
    const Scene scene(fs);
    make_sparse_disk(scene.disk("web"), 64 * MiB, 24 * MiB);
    run_ok({"touch", "-d", "2020-02-03 04:05:06.7 UTC", scene.disk("web").string()});
    write_file(scene.pool / "web.roothash", "hash");
    const std::uint64_t before = used_bytes(fs);
    const FinishedJob job = succeed(scene.clone("web", "new"));
    CHECK(byte_difference(scene.disk("web"), scene.disk("new")) == "");
    CHECK(scene.leftovers({"web.raw", "web.roothash", "new.raw", "new.roothash"}) == Lines{});
    CHECK_THAT(job.text(), contains(how));
    const std::uint64_t more = used_bytes(fs) - before;
    CHECK((kind == "ext4" ? more > 20 * MiB && more < 40 * MiB : more < 10 * MiB));
    struct stat source {};
    struct stat clone {};
    REQUIRE(::stat(scene.disk("web").c_str(), &source) == 0);
    REQUIRE(::stat(scene.disk("new").c_str(), &clone) == 0);
    CHECK(source.st_mtim.tv_sec == clone.st_mtim.tv_sec);
    CHECK(source.st_mtim.tv_nsec == clone.st_mtim.tv_nsec);
    CHECK((clone.st_mode & 07777U) == 0644);
}

TEST_CASE("a golden image cloned a hundred times is a hundred snapshots and nothing else",
          "[e2e][clone]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 512 * MiB);
    const Scene scene(fs);
    const TempDir place;
    fs::create_directory(place / "golden");
    make_plain_tree(place / "golden", 2000);
    succeed(scene.import_fs(place / "golden", "golden"));
    volume::make_subvolume(open_tree(scene.image("golden")).get(), "nested");
    write_file(scene.image("golden") / "nested/file", "x");
    const std::uint64_t before = used_bytes(fs);
    for (int i = 0; i < 100; ++i) {
        succeed(scene.clone("golden", "clone-" + std::to_string(i)), Face::Transfer);
    }
    CHECK(used_bytes(fs) - before < 100 * 256 * KiB); // a few blocks of trees each
    CHECK(clone_differences(scene.image("golden"), scene.image("clone-99")) == Lines{});
    const Fd nested = open_tree(scene.image("clone-99") / "nested");
    CHECK(volume::is_subvolume(nested.get()));
}

TEST_CASE("K5: two clones of one image at once both succeed", "[e2e][clone]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 512 * MiB);
    const Scene scene(fs);
    const TempDir place;
    fs::create_directory(place / "web");
    make_plain_tree(place / "web", 3000);
    succeed(scene.import_fs(place / "web", "web"));
    RunningJob one(scene.clone("web", "one"));
    RunningJob two(scene.clone("web", "two"));
    one.wait_for_stage("copy");
    two.wait_for_stage("copy");
    CHECK(one.finish().status == 0);
    CHECK(two.finish().status == 0);
    CHECK(clone_differences(scene.image("web"), scene.image("one")) == Lines{});
    CHECK(clone_differences(scene.image("web"), scene.image("two")) == Lines{});
    CHECK(scene.leftovers({"web", "one", "two"}) == Lines{});
}

TEST_CASE("K5: while an image is cloned it is neither renamed, marked nor removed",
          "[e2e][clone]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", GiB); // with inodes for two of them
    const Scene scene(fs);
    const TempDir place;
    fs::create_directory(place / "web");
    make_plain_tree(place / "web", 20000);
    succeed(scene.import_fs(place / "web", "web"));
    RunningJob clone(scene.clone("web", "new"), Face::Transfer);
    clone.wait_for_entries(1);
    for (const Request& request :
         {scene.rename("web", "db"), scene.mark("web", true), scene.remove("web")}) {
        const FinishedJob refused = run_job(request, Face::Transfer);
        CHECK(refused.ended->kind == "busy");
        CHECK_THAT(refused.text(),
                   contains("is in use by slipway-transfer (PID " + std::to_string(clone.pid())));
    }
    clone.cancel();
    CHECK(clone.finish().status == 9);
    CHECK(wait_for_orphans() == Lines{}); // who canceled does not wait for a sync under way
    CHECK(scene.leftovers({"web"}) == Lines{});
}

TEST_CASE("the clone of a symlinked image is an image of its own", "[e2e][clone]") {
    const Scene scene;
    const TempDir place;
    SECTION("a tree") {
        fs::create_directory(place / "tree");
        make_rich_tree(place / "tree");
        fs::create_symlink(place / "tree", scene.image("web"));
        succeed(scene.clone("web", "new"));
        CHECK(fs::symlink_status(scene.image("new")).type() == fs::file_type::directory);
        CHECK(clone_differences(place / "tree", scene.image("new")) == Lines{});
    }
    SECTION("a disk") {
        make_sparse_disk(place / "disk", 4 * MiB, 1 * MiB);
        fs::create_symlink(place / "disk", scene.disk("web"));
        succeed(scene.clone("web", "new"));
        CHECK(fs::symlink_status(scene.disk("new")).type() == fs::file_type::regular);
        CHECK(byte_difference(place / "disk", scene.disk("new")) == "");
    }
    SECTION("that is removed afterwards loses its link alone") {
        fs::create_directory(place / "tree");
        fs::create_symlink(place / "tree", scene.image("web"));
        succeed(scene.clone("web", "new"));
        succeed(scene.remove("web"));
        CHECK(fs::exists(place / "tree"));
    }
}

TEST_CASE("an image of another directory of the search path is cloned into the pool",
          "[e2e][clone]") {
    const Scene scene;
    const TempPool other;
    fs::create_directory(other / "web");
    make_rich_tree(other / "web");
    write_file(other / "web.nspawn", "[Exec]");
    Request request = scene.clone("web", "new");
    request.search = {other.path(), scene.pool.path()};
    succeed(request, Face::Transfer);
    CHECK(clone_differences(other / "web", scene.image("new")) == Lines{});
    CHECK(scene.leftovers({"new", "new.nspawn"}) == Lines{});
    CHECK(other.entries() == std::set<std::string>{"web", "web.nspawn"});
    // One name is one image in all of them.
    request.id = transfer::make_id();
    request.name = "new";
    request.new_name = "web";
    const FinishedJob refused = run_job(request, Face::Transfer);
    CHECK(refused.ended->kind == "exists");
    CHECK_THAT(refused.text(), contains((other / "web").string()));
}

TEST_CASE("what cannot be cloned is refused, and nothing is made", "[e2e][clone]") {
    const Scene scene;
    fs::create_directory(scene.image("web"));
    write_file(scene.disk("disk"), "bytes");
    const auto refuse = [&](const std::string& source, const std::string& name, int status,
                            const std::string& part) {
        CHECK(check_refused(scene, scene.clone(source, name), status, part, {"web", "disk.raw"}) !=
              "");
    };
    refuse("missing", "new", exit_status(Kind::NotFound), "there is no image 'missing'");
    refuse("web", "disk", exit_status(Kind::Exists), "image 'disk' exists (raw ");
    refuse("web", "web", exit_status(Kind::Exists), "image 'web' exists (directory ");
    refuse(".host", "new", exit_status(Kind::InvalidArgument), "the running system itself");
    refuse("web", "a/b", exit_status(Kind::InvalidArgument), "it holds a '/'");
    Request fresh = scene.clone("disk", "new");
    fresh.fresh = true;
    CHECK(check_refused(scene, fresh, exit_status(Kind::Unsupported), "is a disk",
                        {"web", "disk.raw"}) != "");
}

TEST_CASE("a block device is not cloned, and it is said what does", "[e2e][clone]") {
    const Scene scene;
    if (::mknod(scene.image("web").c_str(), S_IFBLK | 0600, 0x7fa) < 0) {
        SKIP("no device nodes can be made here");
    }
    CHECK_THAT(check_refused(scene, scene.clone("web", "new"), exit_status(Kind::Unsupported),
                             "is a block device", {"web"}),
               contains("import-raw stores what it holds"));
}

TEST_CASE("a dry run says in which way and at what cost, and makes nothing", "[e2e][clone]") {
    const auto [kind, tree, disk] = GENERATE(table<std::string, std::string, std::string>({
        {"btrfs", "would be a snapshot, for which nothing is copied",
         "would share its 16.0M with the source, and nothing would be copied"},
        {"xfs", "would have files of its own, which share their 8.0M with the source",
         "would share its 16.0M with the source, and nothing would be copied"},
        {"ext4", "would be a copy: 8.0M; ", "would be a copy: 4.0M of 16.0M"},
    }));
    if (auto why = no_loop_fs(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const LoopFs fs(kind, 512 * MiB);
    const Scene scene(fs);
    if (kind == "btrfs") {
        volume::make_subvolume(open_tree(scene.pool.path()).get(), "web");
    } else {
        fs::create_directory(scene.image("web"));
    }
    fs::create_directory(scene.image("web") / "directory");
    write_file(scene.image("web") / "directory/file", std::string(8 * MiB, 'x'));
    fs::create_symlink("nowhere", scene.image("web") / "link");
    make_sparse_disk(scene.disk("disk"), 16 * MiB, 4 * MiB);
    used_bytes(fs); // what is allocated late is allocated now
    for (const auto& [source, part] : {std::pair{"web", tree}, std::pair{"disk", disk}}) {
        Request request = scene.clone(source, "new");
        request.dry_run = true;
        const FinishedJob job = succeed(request);
        CHECK_THAT(job.text(), contains(part));
        CHECK_THAT(job.text(), contains("; '" + scene.pool.path().string() + "' (" + kind + ") "));
        CHECK(job.ended->path == "");
        CHECK(scene.leftovers({"web", "disk.raw"}) == Lines{});
        const RunResult said = run(command_line(request));
        CHECK(said.status == 0);
        CHECK_THAT(said.out + said.err, contains(part));
    }
}

TEST_CASE("a clone that is canceled while it copies leaves nothing", "[e2e][clone]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs fs("ext4", 1 * GiB);
    const Scene scene(fs);
    SECTION("a tree") {
        const TempDir place;
        fs::create_directory(place / "web");
        make_plain_tree(place / "web", 20000);
        succeed(scene.import_fs(place / "web", "web"));
    }
    SECTION("a disk") {
        write_file(scene.disk("web"), std::string(300 * MiB, 'x'));
    }
    const std::set<std::string> before = scene.pool.entries();
    RunningJob job(scene.clone("web", "new"), Face::Transfer);
    job.wait_for([](const transfer::Event& event) {
        const auto* progress = std::get_if<transfer::Progress>(&event);
        return progress != nullptr && progress->done_bytes > 0;
    });
    job.cancel();
    const FinishedJob end = job.finish();
    CHECK(end.status == 9);
    CHECK_THAT(end.text(), contains("cloning 'web': canceled; nothing was stored"));
    CHECK(wait_for_orphans() == Lines{});
    CHECK(scene.leftovers(before) == Lines{});
}

TEST_CASE("P1: a clone for which there is no room says which volume is full, and leaves nothing",
          "[e2e][clone]") {
    const std::string kind = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(kind)) {
        SKIP(*why);
    }
    INFO(kind);
    const LoopFs source_fs("ext4", 256 * MiB);
    const LoopFs fs(kind, kind == "ext4" ? 32 * MiB : 128 * MiB);
    const Scene scene(fs);
    const TempPool source(source_fs);
    SECTION("a tree, in the midst of the copy") {
        fs::create_directory(source / "web");
        for (int i = 0; i < 150; ++i) {
            write_file(source / ("web/file-" + std::to_string(i)), std::string(1 * MiB, 'x'));
        }
    }
    SECTION("a disk, known beforehand") {
        write_file(source / "web.raw", std::string(150 * MiB, 'x'));
    }
    SECTION("a sibling, which comes last") {
        fs::create_directory(source / "web");
        write_file(source / "web.verity", std::string(150 * MiB, 'x'));
    }
    Request request = scene.clone("web", "new");
    request.search = {source.path()};
    const FinishedJob end = run_job(request, Face::Transfer);
    CHECK(end.ended->kind == "no-space");
    CHECK_THAT(end.text(), contains("'" + scene.pool.path().string() + "' (" + kind + ") has "));
    CHECK_THAT(end.text(), contains("nothing was stored"));
    CHECK(scene.leftovers() == Lines{});
}

namespace {

/// A tree that runs the host's programs.
void make_bootable(const fs::path& tree) {
    fs::create_directories(tree / "usr");
    fs::create_directory(tree / "etc");
    for (const char* name : {"bin", "lib", "lib64"}) {
        fs::create_symlink("usr/" + std::string(name), tree / name);
    }
}

std::vector<std::string> nspawn(const fs::path& tree, const std::string& script) {
    return {"systemd-nspawn",
            "--register=no",
            "--keep-unit",
            "--quiet",
            "--directory=" + tree.string(),
            "--bind-ro=/usr",
            "--",
            "/usr/bin/sh",
            "-c",
            script};
}

} // namespace

TEST_CASE("P8: systemd-nspawn runs a clone, and refuses one that is locked", "[e2e][clone]") {
    if (!fs::exists("/usr/bin/systemd-nspawn")) {
        SKIP("systemd-nspawn is not installed");
    }
    const Scene scene;
    make_bootable(scene.image("web"));
    const RunResult original = run(nspawn(scene.image("web"), "echo up"));
    if (original.status != 0) {
        SKIP("systemd-nspawn does not run here: " + original.err);
    }
    succeed(scene.clone("web", "new"));
    const RunResult up = run(nspawn(scene.image("new"), "echo up"));
    CHECK(up.status == 0);
    CHECK(up.out.starts_with("up")); // on a terminal "\r\n" follows
    const storage::Pool open = scene.pool.open();
    const storage::ImageLock lock(open, "new", storage::LockMode::Exclusive);
    const RunResult refused = run(nspawn(scene.image("new"), "echo up"));
    CHECK(refused.status == 1);
    CHECK_THAT(refused.err, contains("is currently busy"));
}

TEST_CASE("P8: the image of a running machine is not cloned, and systemd-nspawn is named",
          "[e2e][clone]") {
    if (!fs::exists("/usr/bin/systemd-nspawn")) {
        SKIP("systemd-nspawn is not installed");
    }
    const Scene scene;
    make_bootable(scene.image("web"));
    if (const RunResult one = run(nspawn(scene.image("web"), "true")); one.status != 0) {
        SKIP("systemd-nspawn does not run here: " + one.err);
    }
    std::vector<std::string> words = nspawn(scene.image("web"), "echo > /up; exec sleep 600");
    words.erase(words.begin());
    ChildSpec spec;
    spec.program = "/usr/bin/systemd-nspawn";
    spec.arguments = words;
    spec.own_process_group = true;
    spec.capture_stderr = true;
    const ChildProcess machine(spec);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!fs::exists(scene.image("web") / "up")) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const FinishedJob refused = run_job(scene.clone("web", "new"), Face::Transfer);
    CHECK(refused.ended->kind == "busy");
    CHECK_THAT(refused.text(), contains("image 'web' is in use by systemd-nspawn (PID " +
                                        std::to_string(machine.pid())));
    CHECK_FALSE(fs::exists(scene.image("new")));
}
