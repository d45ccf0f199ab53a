// The disk fails, or the power goes, at every step of the commit of an image that brings siblings.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/disk_fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

/// An image of either kind: of several blocks, so that it can be cut, and all of one letter.
struct Shape {
    ImageKind kind;
    Siblings siblings;
};

struct Story {
    const char* what;
    std::optional<Shape> before;
    Shape after;
};

const Siblings kOldOnes = {{Sibling::Settings, "old settings"}, {Sibling::Verity, "old verity"}};
const Siblings kNewOnes = {{Sibling::Settings, "new settings"},
                           {Sibling::RootHash, "new hash"},
                           {Sibling::Verity, std::string(300'000, 'v')}};

const std::vector<Story> kStories = {
    {"a new disk", std::nullopt, {ImageKind::Disk, {}}},
    {"a new disk with siblings", std::nullopt, {ImageKind::Disk, kNewOnes}},
    {"a disk replaced, siblings and all",
     {{ImageKind::Disk, kOldOnes}},
     {ImageKind::Disk, kNewOnes}},
    {"a tree replaced by a disk with siblings",
     {{ImageKind::Tree, {{Sibling::Settings, "old settings"}}}},
     {ImageKind::Disk, kNewOnes}},
    {"a disk replaced by a tree with settings",
     {{ImageKind::Disk, kOldOnes}},
     {ImageKind::Tree, {{Sibling::Settings, "new settings"}}}},
};

std::string content(char letter) {
    return std::string(400'000, letter);
}

StagingSpec request(const Shape& shape) {
    StagingSpec what = spec("web", Replace::Yes);
    what.kind = shape.kind;
    return what;
}

std::unique_ptr<Staging> filled(const Pool& pool, const Shape& shape, char letter) {
    auto staging = std::make_unique<Staging>(pool, request(shape));
    fill_with(*staging, shape.kind, content(letter), shape.siblings);
    return staging;
}

void commit(std::unique_ptr<Staging> staging) {
    std::move(*staging).commit(accepted(), {"{}"}, {});
}

/// Whom a free lock file belonged to is not synced, since that would cost every job a flush.
std::string seen(const std::filesystem::path& pool) {
    for (const char* lock : {".#web.lck", ".#web.raw.lck"}) {
        std::filesystem::remove(pool / lock);
    }
    return contents_of(pool);
}

/// What a story begins and ends with when nothing disturbs it.
struct States {
    std::string old_state;
    std::string new_state;
};

States undisturbed(const Story& story) {
    const TempPool pool;
    const Pool open = pool.open();
    States states;
    if (story.before) {
        commit(filled(open, *story.before, 'o'));
    }
    states.old_state = seen(pool.path());
    commit(filled(open, story.after, 'n'));
    states.new_state = seen(pool.path());
    return states;
}

/// One pool after another on the same file system, each with its own fault: every third step on
/// ext4, every sixth where mounting takes long, with another first one for each story.
void walk(LoopFs& fs, const Story& story, After after, const std::function<void()>& fault) {
    const States states = undisturbed(story);
    const unsigned stride = fs.type() == "ext4" ? 3 : 6;
    const auto first = static_cast<unsigned>(&story - kStories.data()) % stride + 1;
    unsigned old_states = 0;
    unsigned new_states = 0;
    for (unsigned step = first;; step += stride) {
        INFO(fs.type() << ": " << story.what << ", before step " << step);
        const std::filesystem::path pool = fs / next_id();
        {
            const Pool open = Pool::open(pool);
            if (story.before) {
                commit(filled(open, *story.before, 'o'));
            }
        }
        const Stopped child = stop_at_step(
            step,
            [&] {
                static const Pool open = Pool::open(pool);
                static std::unique_ptr<Staging> staging = filled(open, story.after, 'n');
                return [] { commit(std::move(staging)); };
            },
            [&] {
                fault();
                return after;
            });
        if (!child.at_step) {
            REQUIRE(child.succeeded);
            break;
        }
        fs.restart();
        REQUIRE(sweep(Pool::open(pool)).problems.empty());
        const bool is_new = seen(pool) == states.new_state;
        if (!is_new) {
            REQUIRE(seen(pool) == states.old_state);
            REQUIRE_FALSE(child.succeeded);
        }
        ++(is_new ? new_states : old_states);
    }
    REQUIRE(old_states > 0);
    REQUIRE(new_states > 0);
}

} // namespace

TEST_CASE("P11: after a power loss at any step there is the old image or the disk, each with its "
          "siblings",
          "[storage][power][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    if (auto why = no_tracing()) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    for (const Story& story : kStories) {
        walk(fs, story, After::Kill, [&] { fs.cut_power(); });
    }
}

TEST_CASE("P11: after a power loss the disk that commit() has promised is there, siblings and all",
          "[storage][power][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    for (const Story& story : kStories) {
        INFO(type << ": " << story.what);
        const std::filesystem::path pool = fs / next_id(); // the pool itself is new, too
        {
            const Pool open = Pool::open(pool);
            if (story.before) {
                commit(filled(open, *story.before, 'o'));
            }
            commit(filled(open, story.after, 'n'));
        }
        fs.cut_power();
        fs.restart();
        REQUIRE(sweep(Pool::open(pool)).problems.empty());
        REQUIRE(seen(pool) == undisturbed(story).new_state);
    }
}

TEST_CASE("P11: after a power loss neither a removed disk nor its siblings come back",
          "[storage][power][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    {
        const Pool open = Pool::open(fs / "pool");
        commit(filled(open, {ImageKind::Disk, kNewOnes}, 'o'));
        remove_image(open, ImageName::parse("web"));
    }
    fs.cut_power();
    fs.restart();
    REQUIRE(sweep(Pool::open(fs / "pool")).problems.empty());
    REQUIRE(seen(fs / "pool").empty());
}

TEST_CASE("P5: a medium that fails at any step of a disk's commit is an error, and is swept after",
          "[storage][power][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    if (auto why = no_tracing()) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    for (const Story& story : kStories) {
        walk(fs, story, After::GoOn, [&] { fs.fail_writes(); });
    }
}

TEST_CASE("P5: the error of a medium that fails under a disk names what was done",
          "[storage][power][disk]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    {
        const Pool pool = Pool::open(fs / "pool");
        auto staging = filled(pool, {ImageKind::Disk, {}}, 'n');
        fs.fail_writes();
        const std::string told = fmt::format("cannot write the image to the disk of the pool '{}'",
                                             pool.path().string());
        REQUIRE_THROWS_MATCHES(commit(std::move(staging)), Error,
                               failure_with(Kind::Other, told) ||
                                   failure_with(Kind::Denied, told)); // turned read-only
    }
    fs.restart();
    const Pool pool = Pool::open(fs / "pool");
    REQUIRE(sweep(pool).problems.empty());
    REQUIRE(seen(pool.path()).empty());
}
