// Death at every step of what changes an image that is there: renaming, cloning, marking, removing,
// each with all that belongs to the image, in the pool and elsewhere.

#include <algorithm>
#include <atomic>
#include <functional>
#include <vector>

#include <fcntl.h>

#include "storage/mark.hh"
#include "storage/rename.hh"
#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/crash_story.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/storage/volume.hh"
#include "volume/copy_contents.hh"
#include "volume/copy_source.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

const ImageName kWeb = ImageName::parse("web");
const ImageName kDb = ImageName::parse("db");

/// Marks of trees, too, and the administrator's directory.
std::string all_of(const std::filesystem::path& pool) {
    return state_of(pool) + "\n" + contents_of(pool) + "\n--\n" + contents_of(settings_of(pool));
}

std::function<void(const Pool&)> storing(ImageKind kind, ReadOnly read_only) {
    return [=](const Pool& pool) {
        StagingSpec what = spec("web", Replace::No, read_only);
        what.kind = kind;
        Siblings siblings = {{Sibling::Settings, "settings"}};
        if (kind == ImageKind::Disk) {
            siblings[Sibling::RootHash] = "hash";
            siblings[Sibling::EfiVariables] = "variables";
        }
        store_with(pool, what, "old", siblings);
        write_file(settings_of(pool.path()) / "web.nspawn", "administrator's");
    };
}

void renaming(const Pool& pool) {
    rename_image(pool, kWeb, kDb, {pool.path()});
}

void removing(const Pool& pool) {
    remove_image(pool, kWeb);
}

void marking(const Pool& pool) {
    mark_image(pool, kWeb, ReadOnly::Yes);
}

void unmarking(const Pool& pool) {
    mark_image(pool, kWeb, ReadOnly::No);
}

// As transfer/clone_image.cc does it, in one thread: others could not be stopped here.
void cloning(const Pool& pool) {
    const Image image = find_image(pool, kWeb).value();
    const Fd from(::open(image.path.c_str(), O_RDONLY | O_CLOEXEC));
    StagingSpec what = spec("db");
    what.source_pool = &pool;
    what.source = image.path.filename();
    what.kind = image.type == ImageType::Raw ? ImageKind::Disk : ImageKind::Tree;
    what.shares_with = image.type == ImageType::Raw ? from.get() : -1;
    what.snapshot_of = image.type == ImageType::Subvolume ? from.get() : -1;
    Staging staging(pool, what);
    if (image.type == ImageType::Raw) {
        volume::CopyWays ways;
        std::atomic<std::uint64_t> size_bytes{0};
        volume::ContentCopier(ways, size_bytes, {})
            .copy(from.get(), volume::look_at(from.get()), staging.root());
    } else if (image.type == ImageType::Directory) {
        fill(staging, "old");
    }
    staging.carry_siblings(pool, image, {});
    std::move(staging).commit(accepted(), {"{}"}, {});
}

const std::vector<Story>& stories() {
    constexpr auto disk = ImageKind::Disk;
    constexpr auto tree = ImageKind::Tree;
    constexpr auto rw = ReadOnly::No;
    constexpr auto ro = ReadOnly::Yes;
    static const std::vector<Story> all = {
        {"a tree renamed", storing(tree, rw), renaming, false},
        {"a read-only tree renamed", storing(tree, ro), renaming, false},
        {"a disk renamed", storing(disk, rw), renaming, false},
        {"a tree cloned", storing(tree, rw), cloning, true},
        {"a disk cloned", storing(disk, ro), cloning, true},
        {"a tree marked", storing(tree, rw), marking, true},
        {"a tree made writable", storing(tree, ro), unmarking, true},
        {"a disk marked", storing(disk, rw), marking, true},
        {"a read-only tree removed", storing(tree, ro), removing, false},
        {"a disk removed", storing(disk, rw), removing, false},
    };
    return all;
}

std::optional<std::string> cannot_walk(const std::string& kind) {
    auto why = no_volume(kind);
    return why ? why : no_tracing();
}

} // namespace

TEST_CASE("K1: killed at any step, an operation leaves the old state or the new one, siblings and "
          "settings elsewhere included",
          "[storage][crash][operations]") {
    const std::string kind = GENERATE("ext4", "btrfs");
    if (auto why = cannot_walk(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    for (const Story& story : stories()) {
        INFO(kind << ": " << story.what);
        die_at_every_step(volume, story, all_of);
    }
}

TEST_CASE("K1: a sweep after an operation may be killed at any step, too",
          "[storage][crash][operations]") {
    const auto [kind, what] = GENERATE(table<std::string, std::string>({
        {"ext4", "a read-only tree renamed"},
        {"btrfs", "a disk renamed"},
        {"ext4", "a disk cloned"},
        {"btrfs", "a tree cloned"},
    }));
    if (auto why = cannot_walk(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const auto story = std::find_if(stories().begin(), stories().end(),
                                    [&name = what](const Story& one) { return one.what == name; });
    REQUIRE(story != stories().end());
    INFO(kind);
    die_in_the_sweep_as_well(volume, *story, all_of, 5);
}
