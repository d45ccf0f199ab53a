// The loops over steps; what is told is the tests' own.

#include "tests/storage/crash_story.hh"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/support/temp_pool.hh"

using namespace slipway::storage;

namespace slipway::tests {
namespace {

/// The pools before and after a story that nothing disturbs.
struct States {
    std::string old_state;
    std::string new_state;
};

std::filesystem::path new_directory(const Scratch& volume) {
    static unsigned number = 0;
    return volume / fmt::format("pool-{}", ++number);
}

Pool open_with_settings(const TempPool& pool) {
    std::filesystem::create_directory(settings_of(pool.path()));
    Pool open = pool.open();
    open.set_settings_directories({settings_of(pool.path())});
    return open;
}

States undisturbed(const Scratch& volume, const Story& story, const Look& look) {
    const TempPool pool(new_directory(volume));
    const Pool open = open_with_settings(pool);
    story.before(open);
    States states;
    states.old_state = look(pool.path());
    story.act(open);
    states.new_state = look(pool.path());
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

std::filesystem::path settings_of(const std::filesystem::path& pool) {
    return pool.string() + "-settings";
}

void die_at_every_step(const Scratch& volume, const Story& story, const Look& look) {
    const States states = undisturbed(volume, story, look);
    unsigned old_states = 0;
    unsigned new_states = 0;
    for (unsigned step = 1;; ++step) {
        INFO("killed before step " << step);
        const TempPool pool(new_directory(volume));
        const Pool open = open_with_settings(pool);
        story.before(open);
        if (!kill_at_step(step, [&] { story.act(open); })) {
            break;
        }
        if (story.always_there) {
            REQUIRE(finds_web(open));
        }
        const Swept swept = sweep(open);
        REQUIRE(swept.problems == std::vector<std::string>{});
        const std::string state = look(pool.path());
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

void die_in_the_sweep_as_well(const Scratch& volume, const Story& story, const Look& look,
                              unsigned stride) {
    const States states = undisturbed(volume, story, look);
    unsigned deaths = 0;
    // With another first one for each step of the job, so that all have their turn.
    for (unsigned step = 1;; ++step) {
        bool sweep_killed = true;
        for (unsigned in_sweep = 1 + step % stride; sweep_killed; in_sweep += stride) {
            INFO(story.what << ", killed before step " << step << ", the sweep before "
                            << in_sweep);
            const TempPool pool(new_directory(volume));
            const Pool open = open_with_settings(pool);
            story.before(open);
            if (!kill_at_step(step, [&] { story.act(open); })) {
                REQUIRE(deaths > 60 / stride);
                return;
            }
            // Without a plan a sweep only deletes, and the next goes on with that.
            sweep_killed = has_plan(pool) && kill_at_step(in_sweep, [&] { sweep(open); });
            deaths += sweep_killed ? 1 : 0;
            REQUIRE(sweep(open).problems == std::vector<std::string>{});
            const std::string state = look(pool.path());
            if (state != states.old_state) {
                REQUIRE(state == states.new_state);
            }
        }
    }
}

} // namespace slipway::tests
