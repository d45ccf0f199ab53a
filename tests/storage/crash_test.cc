// Death at every step: of a commit, of a replacement, of a removal, and of the sweep that comes
// after it.

#include <algorithm>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/storage/volume.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

struct Story {
    const char* what;
    std::function<void(const Pool&)> before; ///< makes the old state
    std::function<void(const Pool&)> act;
    bool always_there; ///< whether an image 'web' can be found at every instant
};

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

/// The pools before and after a story that nothing disturbs.
struct States {
    std::string old_state;
    std::string new_state;
};

std::filesystem::path new_directory(const Scratch& volume) {
    static unsigned number = 0;
    return volume / fmt::format("pool-{}", ++number);
}

States undisturbed(const Scratch& volume, const Story& story) {
    const TempPool pool(new_directory(volume));
    const Pool open = pool.open();
    story.before(open);
    States states;
    states.old_state = state_of(pool.path());
    story.act(open);
    states.new_state = state_of(pool.path());
    return states;
}

bool finds_web(const Pool& pool) {
    return find_image(pool, ImageName::parse("web")).has_value();
}

bool has_plan(const TempPool& pool) {
    const std::set<std::string> names = pool.entries();
    return std::any_of(names.begin(), names.end(),
                       [](const std::string& name) { return name.ends_with(".plan"); });
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
        const States states = undisturbed(volume, story);
        unsigned old_states = 0;
        unsigned new_states = 0;
        for (unsigned step = 1;; ++step) {
            INFO("killed before step " << step);
            const TempPool pool(new_directory(volume));
            const Pool open = pool.open();
            story.before(open);
            if (!kill_at_step(step, [&] { story.act(open); })) {
                break;
            }
            if (story.always_there) {
                REQUIRE(finds_web(open));
            }
            const Swept swept = sweep(open);
            REQUIRE(swept.problems == std::vector<std::string>{});
            const std::string state = state_of(pool.path());
            if (state != states.old_state) {
                REQUIRE(state == states.new_state);
            }
            // Once decided it stays so: no later death brings the old state back.
            REQUIRE((state == states.new_state || new_states == 0));
            ++(state == states.new_state ? new_states : old_states);
        }
        REQUIRE(old_states > 2);
        REQUIRE(new_states > 2);
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
    const States states = undisturbed(volume, *story);
    unsigned deaths = 0;
    // Every other step of the sweep, the even and the odd ones in turn.
    for (unsigned step = 1;; ++step) {
        bool sweep_killed = true;
        for (unsigned in_sweep = 1 + step % 2; sweep_killed; in_sweep += 2) {
            INFO(kind << ": " << what << ", killed before step " << step << ", the sweep before "
                      << in_sweep);
            const TempPool pool(new_directory(volume));
            const Pool open = pool.open();
            story->before(open);
            if (!kill_at_step(step, [&] { story->act(open); })) {
                REQUIRE(deaths > 30);
                return;
            }
            // Without a plan a sweep only deletes, and the next goes on with that.
            sweep_killed = has_plan(pool) && kill_at_step(in_sweep, [&] { sweep(open); });
            deaths += sweep_killed ? 1 : 0;
            REQUIRE(sweep(open).problems == std::vector<std::string>{});
            const std::string state = state_of(pool.path());
            if (state != states.old_state) {
                REQUIRE(state == states.new_state);
            }
        }
    }
}
