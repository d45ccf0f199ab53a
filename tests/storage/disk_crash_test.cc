// Death at every step where a disk comes or goes, with what lies beside it.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/crash_story.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

void nothing(const Pool& /*pool*/) {}

std::function<void(const Pool&)> storing(ImageKind kind, const char* content, Replace replace,
                                         const Siblings& siblings) {
    return [=](const Pool& pool) {
        StagingSpec what = spec("web", replace);
        what.kind = kind;
        store_with(pool, what, content, siblings);
    };
}

void removing(const Pool& pool) {
    remove_image(pool, ImageName::parse("web"));
}

const std::vector<Story>& stories() {
    constexpr auto no = Replace::No;
    constexpr auto yes = Replace::Yes;
    constexpr auto disk = ImageKind::Disk;
    constexpr auto tree = ImageKind::Tree;
    static const Siblings old_ones = {{Sibling::Settings, "old settings"},
                                      {Sibling::RootHash, "old hash"},
                                      {Sibling::Verity, "old verity"}};
    static const Siblings new_ones = {{Sibling::Settings, "new settings"},
                                      {Sibling::RootHash, "new hash"},
                                      {Sibling::RootHashSignature, "new signature"}};
    static const Siblings old_settings = {{Sibling::Settings, "old settings"}};
    static const Siblings new_settings = {{Sibling::Settings, "new settings"}};
    static const std::vector<Story> all = {
        {"a new disk", nothing, storing(disk, "new", no, {}), false},
        {"a new disk with siblings", nothing, storing(disk, "new", no, new_ones), false},
        {"a new tree with settings", nothing, storing(tree, "new", no, new_settings), false},
        {"a disk replaced", storing(disk, "old", no, {}), storing(disk, "new", yes, {}), true},
        {"a disk replaced, siblings and all", storing(disk, "old", no, old_ones),
         storing(disk, "new", yes, new_ones), true},
        {"a disk with siblings replaced by a tree", storing(disk, "old", no, old_ones),
         storing(tree, "new", yes, new_settings), true},
        {"a tree replaced by a disk with siblings", storing(tree, "old", no, old_settings),
         storing(disk, "new", yes, new_ones), true},
        {"a disk removed, siblings and all", storing(disk, "old", no, old_ones), removing, false},
    };
    return all;
}

std::optional<std::string> cannot_walk(const std::string& kind) {
    auto why = no_volume(kind);
    return why ? why : no_tracing();
}

} // namespace

TEST_CASE("K1: killed at any step, a job about a disk leaves the old state or the new one",
          "[storage][crash][disk]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = cannot_walk(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    // Every step costs a process: all stories on one file system, on the others those in which
    // most names change.
    for (const Story& story : stories()) {
        if (kind == "ext4" || std::string(story.what).find("replaced by") != std::string::npos) {
            INFO(kind << ": " << story.what);
            die_at_every_step(volume, story, contents_of);
        }
    }
}

TEST_CASE("K1: a sweep after a job about a disk may be killed at any step, too",
          "[storage][crash][disk]") {
    const auto [kind, what] = GENERATE(table<std::string, std::string>({
        {"ext4", "a disk removed, siblings and all"},
        {"btrfs", "a disk with siblings replaced by a tree"},
        {"xfs", "a tree replaced by a disk with siblings"},
    }));
    if (auto why = cannot_walk(kind)) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const auto story = std::find_if(stories().begin(), stories().end(),
                                    [&name = what](const Story& one) { return one.what == name; });
    REQUIRE(story != stories().end());
    INFO(kind);
    die_in_the_sweep_as_well(volume, *story, contents_of, 5);
}
