// Images on their way out and in again.

#include <algorithm>
#include <set>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hh"
#include "storage/lock.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/exporting.hh"
#include "tests/e2e/running_job.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/rich_tree.hh"
#include "tests/support/tree.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Packing {
    const char* suffix;
    const char* codec; ///< as `file` of our decoder calls it
};
const std::vector<Packing> kPackings{{"", "plain"},    {".gz", "gzip"},   {".xz", "xz"},
                                     {".zst", "zstd"}, {".bz2", "bzip2"}, {".lz4", "lz4"}};

// What belongs to the image and is not exported.
Tree without_notes(Tree tree) {
    tree["."].attributes.erase("user.slipway.origin");
    tree["."].attributes.erase("user.crtime_usec");
    return tree;
}

void store_rich_tree(const Scene& scene, const std::filesystem::path& tree) {
    std::filesystem::create_directory(tree);
    make_rich_tree(tree);
    const FinishedJob job = run_job(scene.import_fs(tree), Face::Transfer);
    INFO(job.text());
    REQUIRE(job.status == 0);
}

void check_round_trip(const Scene& scene, const std::filesystem::path& place) {
    store_rich_tree(scene, place / "tree");
    const Tree expected = read_tree(place / "tree");
    std::string plain;
    for (const Packing& packing : kPackings) {
        const auto file = place / ("web.tar" + std::string(packing.suffix));
        INFO(file.string());
        const RunResult exported = export_image(scene, "export-tar", {file.string()});
        INFO(exported.err);
        REQUIRE(exported.status == 0);
        CHECK(exported.out.empty());
        const FinishedJob back = run_job(scene.import(file, "back"), Face::Transfer);
        INFO(back.text());
        REQUIRE(back.status == 0);
        CHECK(tree_differences(expected, without_notes(read_tree(scene.image("back")))) == Lines{});
        run_job(scene.remove("back"), Face::Transfer);
    }
    CHECK(scene.leftovers({"image"}) == Lines{});
}

} // namespace

TEST_CASE("a tree comes back as it was from every format", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    check_round_trip(scene, place.path());
}

TEST_CASE("a subvolume comes back as it was from every format", "[e2e][export]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 1 * GiB);
    const Scene scene(fs);
    check_round_trip(scene, fs.path());
}

TEST_CASE("a disk comes back as it was from every format, with its holes where it had them",
          "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    constexpr std::uint64_t kSize = 24 * MiB;
    make_disk(place / "disk.raw", kSize, varied_stretches(kSize));
    REQUIRE(run_job(scene.import_disk(place / "disk.raw"), Face::Transfer).status == 0);
    for (const Packing& packing : kPackings) {
        const auto file = place / ("web.raw" + std::string(packing.suffix));
        INFO(file.string());
        const RunResult exported = export_image(scene, "export-raw", {file.string()});
        INFO(exported.err);
        REQUIRE(exported.status == 0);
        REQUIRE(run_job(scene.import_disk(file, "back"), Face::Transfer).status == 0);
        CHECK(difference(scene.disk(), scene.disk("back")).empty());
        CHECK(allocated_map(scene.disk("back")) == allocated_map(scene.disk()));
        run_job(scene.remove("back"), Face::Transfer);
    }
    CHECK(difference(place / "disk.raw", place / "web.raw").empty());
    CHECK(allocated_map(place / "web.raw") == allocated_map(scene.disk()));
}

TEST_CASE("a disk that is not packed shares its blocks with the image where that can be",
          "[e2e][export]") {
    for (const char* type : {"xfs", "btrfs"}) {
        if (auto why = no_loop_fs(type)) {
            SKIP(*why);
        }
        INFO(type);
        const LoopFs fs(type, 512 * MiB);
        const Scene scene(fs);
        make_disk(fs / "disk.raw", 64 * MiB, {{1 * MiB, 40 * MiB}});
        REQUIRE(run_job(scene.import_disk(fs / "disk.raw"), Face::Transfer).status == 0);
        std::filesystem::remove(fs / "disk.raw");
        const RunResult exported =
            export_image(scene, "export-raw", {"--checksum", (fs / "out.raw").string()});
        INFO(exported.err);
        REQUIRE(exported.status == 0);
        CHECK(shared_bytes(fs / "out.raw") == allocated_bytes(fs / "out.raw"));
        CHECK(difference(scene.disk(), fs / "out.raw").empty());
        CHECK(read_file(fs / "SHA256SUMS") ==
              run_ok({"sha256sum", "out.raw"}, {.directory = fs.path()}));
    }
}

TEST_CASE("the same image makes the same file, however many cores there are", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    for (const Packing& packing : kPackings) {
        const auto one = (place / ("one.tar" + std::string(packing.suffix))).string();
        const auto two = (place / ("two.tar" + std::string(packing.suffix))).string();
        INFO(one);
        REQUIRE(export_image(scene, "export-tar", {one}).status == 0);
        std::vector<std::string> on_one_core{"taskset", "-c", "0"};
        const auto command = export_command(scene, "export-tar", {two});
        on_one_core.insert(on_one_core.end(), command.begin(), command.end());
        run_ok(on_one_core);
        CHECK(read_file(one) == read_file(two));
    }
}

TEST_CASE("standard output gets the image and nothing else", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    REQUIRE(export_image(scene, "export-tar", {(place / "file.tar").string()}).status == 0);
    const std::string expected = read_file(place / "file.tar");
    for (const std::vector<std::string>& words :
         {std::vector<std::string>{}, std::vector<std::string>{"-"}}) {
        const RunResult piped = export_image(scene, "export-tar", words);
        INFO(piped.err);
        REQUIRE(piped.status == 0);
        CHECK(piped.out == expected);
    }
    const RunResult packed = export_image(scene, "export-tar", {"--format=zstd"});
    RunOptions options;
    options.input = packed.out;
    CHECK(run_ok({"zstd", "-dc"}, options) == expected);
}

TEST_CASE("--format counts more than the file's name, and a level is one of its format's",
          "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    REQUIRE(
        export_image(scene, "export-tar", {"--format=gzip", (place / "odd.xz").string()}).status ==
        0);
    CHECK(read_file(place / "odd.xz").starts_with("\x1f\x8b"));
    REQUIRE(
        export_image(scene, "export-tar", {"--level=1", (place / "low.tar.gz").string()}).status ==
        0);
    REQUIRE(
        export_image(scene, "export-tar", {"--level=9", (place / "high.tar.gz").string()}).status ==
        0);
    CHECK(std::filesystem::file_size(place / "high.tar.gz") <
          std::filesystem::file_size(place / "low.tar.gz"));
    const RunResult refused =
        export_image(scene, "export-tar", {"--level=10", (place / "no.tar.gz").string()});
    CHECK(refused.status == 2);
    CHECK(refused.err == "slipway: level 10 is none of gzip; expected 1 to 9\n");
    CHECK_FALSE(std::filesystem::exists(place / "no.tar.gz"));
}

TEST_CASE("a file that is there is replaced only when that is asked for", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    write_file(place / "out.tar", "mine");
    const std::string file = (place / "out.tar").string();
    const RunResult refused = export_image(scene, "export-tar", {file});
    CHECK(refused.status == 4);
    CHECK(refused.err == "slipway: '" + file +
                             "' exists; nothing was written. Replace it with --force, or give "
                             "another name\n");
    CHECK(read_file(file) == "mine");
    CHECK(export_image(scene, "export-tar", {"--force", file}).status == 0);
    CHECK(read_file(file).size() % 10240 == 0);
    CHECK(names_in(place.path()) == Lines{"out.tar", "tree"});
}

TEST_CASE("what cannot be exported is refused in words", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    make_disk(place / "disk.raw", 8 * MiB, {{0, 4096}});
    REQUIRE(run_job(scene.import_disk(place / "disk.raw", "disk"), Face::Transfer).status == 0);
    const std::string out = (place / "out").string();
    const std::string pool = scene.pool.path().string();
    struct Row {
        std::string verb;
        std::string name;
        std::vector<std::string> words;
        int status;
        std::string error;
    };
    for (const Row& row : {
             Row{"export-tar",
                 "none",
                 {out},
                 3,
                 "exporting 'none': there is no image 'none' in '" + pool +
                     "'; nothing was written. list-images shows those that there are"},
             Row{"export-tar",
                 "disk",
                 {out},
                 1,
                 "exporting 'disk': 'disk' is a disk, which export-raw writes; nothing was "
                 "written"},
             Row{"export-raw",
                 "image",
                 {out},
                 1,
                 "exporting 'image': 'image' is a tree, which export-tar writes; nothing was "
                 "written"},
             Row{"export-tar",
                 "image",
                 {"--checksum"},
                 2,
                 "--checksum writes a file beside FILE, and standard output has none beside it; "
                 "give a FILE"},
             Row{"export-tar",
                 "image",
                 {"--json=short"},
                 2,
                 "--json writes to standard output, where the image goes; give a FILE"},
             Row{"export-tar",
                 "image",
                 {(place / "tree").string()},
                 4,
                 "'" + (place / "tree").string() + "' is a directory; nothing was written"},
             Row{"export-tar",
                 "image",
                 {(place / "nowhere/out").string()},
                 3,
                 "cannot open the directory '" + (place / "nowhere").string() +
                     "': No such file or directory"},
         }) {
        const RunResult result = export_image(scene, row.verb, row.words, row.name);
        CHECK(result.status == row.status);
        CHECK(result.err == "slipway: " + row.error + "\n");
    }
    CHECK(names_in(place.path()) == Lines{"disk.raw", "tree"});
    CHECK(scene.leftovers({"image", "disk.raw"}) == Lines{});
}

TEST_CASE(
    "C5: an image that is written is busy, by the name of who does it; one that is read is not",
    "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    store_rich_tree(scene, place / "tree");
    const std::string out = (place / "out.tar").string();
    {
        const storage::Pool pool = scene.pool.open();
        const storage::ImageLock writer(pool, "image", storage::LockMode::Exclusive);
        const RunResult refused = export_image(scene, "export-tar", {out});
        CHECK(refused.status == 5);
        CHECK_THAT(refused.err, contains("image 'image' is in use by"));
        CHECK_FALSE(std::filesystem::exists(out));
    }
    const storage::Pool pool = scene.pool.open();
    const storage::ImageLock reader(pool, "image", storage::LockMode::Shared);
    CHECK(export_image(scene, "export-tar", {out}).status == 0);
}

TEST_CASE("C5: a subvolume that a machine uses is exported from a snapshot of its own",
          "[e2e][export]") {
    if (auto why = no_loop_fs("btrfs")) {
        SKIP(*why);
    }
    const LoopFs fs("btrfs", 512 * MiB);
    const Scene scene(fs);
    store_rich_tree(scene, fs / "tree");
    const storage::Pool pool = scene.pool.open();
    const storage::ImageLock machine(pool, "image", storage::LockMode::Exclusive);
    RunResult exported = export_image(scene, "export-tar", {(fs / "out.tar").string()});
    INFO(exported.err);
    CHECK(exported.status == 0);
    std::set<std::string> left = scene.pool.entries();
    left.erase(".#image.lck");
    CHECK(left == std::set<std::string>{"image"});
}

TEST_CASE("the end of an export says what it was", "[e2e][export]") {
    const Scene scene;
    const TempDir place;
    std::filesystem::create_directory(place / "tree");
    make_plain_tree(place / "tree", 20);
    REQUIRE(run_job(scene.import_fs(place / "tree"), Face::Transfer).status == 0);
    const RunResult result = export_image(
        scene, "export-tar", {"--json=short", "--checksum", (place / "out.tar").string()});
    REQUIRE(result.status == 0);
    std::vector<transfer::Event> events;
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        events.push_back(transfer::parse_event(line));
    }
    const auto& ended = std::get<transfer::Ended>(events.back());
    CHECK(ended.name == "image");
    CHECK(ended.type == "directory");
    CHECK(ended.size_bytes == std::filesystem::file_size(place / "out.tar"));
    CHECK(ended.digest + "  out.tar\n" == read_file(place / "SHA256SUMS"));
    CHECK(std::any_of(events.begin(), events.end(), [](const transfer::Event& event) {
        const auto* stage = std::get_if<transfer::StageEntered>(&event);
        return stage != nullptr && stage->stage == "export";
    }));
}
