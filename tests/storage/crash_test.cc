// Death at every step: of a commit, of a replacement, of a removal, and of the sweep that comes
// after it.

#include <algorithm>
#include <functional>
#include <vector>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/crash_story.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

void raw_image(const Pool& pool) {
    write_file(pool.path() / "web.raw", "old");
}

void nothing(const Pool&) {}

std::function<void(const Pool&)> storing(const char* content, Replace replace, ReadOnly read_only) {
    return [=](const Pool& pool) { store(pool, spec("web", replace, read_only), content); };
}

void removing(const Pool& pool) {
    remove_image(pool, ImageName::parse("web"));
}

const std::vector<Story>& stories() {
    constexpr auto no = Replace::No;
    constexpr auto yes = Replace::Yes;
    constexpr auto rw = ReadOnly::No;
    constexpr auto ro = ReadOnly::Yes;
    static const std::vector<Story> all = {
        {"a new image", nothing, storing("new", no, rw), false},
        {"a new read-only image", nothing, storing("new", no, ro), false},
        {"an image replaced", storing("old", no, rw), storing("new", yes, rw), true},
        {"a read-only image replaced by a read-only one", storing("old", no, ro),
         storing("new", yes, ro), true},
        {"a raw image replaced by a tree", raw_image, storing("new", yes, rw), true},
        {"a raw image replaced by a read-only tree", raw_image, storing("new", yes, ro), true},
        {"an image removed", storing("old", no, rw), removing, false},
        {"a read-only image removed", storing("old", no, ro), removing, false},
        {"a raw image removed", raw_image, removing, false},
    };
    return all;
}

} // namespace

TEST_CASE("K1: killed at any step, a job leaves the old state or the new one", "[storage][crash]") {
    const std::string kind = GENERATE("ext4", "xfs", "btrfs", "tmpfs", "overlay");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    if (auto why = no_tracing()) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    for (const Story& story : stories()) {
        INFO(kind << ": " << story.what);
        const bool read_only = std::string(story.what).find("read-only") != std::string::npos;
        if (read_only && (kind == "tmpfs" || kind == "overlay")) {
            continue; // the mark is not every kernel's there
        }
        die_at_every_step(volume, story, state_of);
    }
}

TEST_CASE("K1: a sweep that is killed at any step is completed by the next", "[storage][crash]") {
    const auto [kind, what] = GENERATE(table<std::string, std::string>({
        {"ext4", "a read-only image replaced by a read-only one"},
        {"btrfs", "a raw image replaced by a read-only tree"},
        {"xfs", "a read-only image removed"},
    }));
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    if (auto why = no_tracing()) {
        SKIP(*why);
    }
    const Scratch volume(kind);
    const auto story = std::find_if(stories().begin(), stories().end(),
                                    [&name = what](const Story& one) { return one.what == name; });
    REQUIRE(story != stories().end());
    INFO(kind);
    die_in_the_sweep_as_well(volume, *story, state_of);
}
