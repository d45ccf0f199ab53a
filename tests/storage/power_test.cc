// The disk fails, or the power goes, at every step of a commit.

#include <functional>
#include <memory>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "storage/staging.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/storage/kill_at_step.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace {

constexpr int kFiles = 3;
constexpr std::size_t kLargeBytes = 512 * 1024;

/// Some files of several sizes, all of them made of the same content.
void fill_tree(const Staging& staging, const std::string& content) {
    fill(staging, content, kFiles);
    const Fd large(::openat(staging.root(), "large", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
    const std::string block(kLargeBytes, content.front());
    if (::write(large.get(), block.data(), block.size()) != static_cast<ssize_t>(block.size())) {
        throw errno_error("cannot write 'large'");
    }
}

void commit(std::unique_ptr<Staging> staging) {
    std::move(*staging).commit(accepted(), {"{}"}, {});
}

void store_tree(const std::filesystem::path& path, const std::string& content,
                const StagingSpec& what) {
    const Pool pool = Pool::open(path);
    auto staging = std::make_unique<Staging>(pool, what);
    fill_tree(*staging, content);
    commit(std::move(staging));
}

/// "old" or "new" when the tree is complete and only that, else what is wrong with it.
std::string whole(const std::filesystem::path& image) {
    const std::string content = read_file(image / "id");
    for (int i = 0; i < kFiles; ++i) {
        if (read_file(image / fmt::format("file-{}", i)) != content) {
            return fmt::format("file-{} is not {}", i, content);
        }
    }
    if (read_file(image / "large") != std::string(kLargeBytes, content.front())) {
        return "the large file is damaged";
    }
    return content;
}

struct Story {
    const char* what;
    Replace replace;
    ReadOnly read_only;
};

const std::vector<Story> kStories = {
    {"a new image", Replace::No, ReadOnly::No},
    {"a new read-only image", Replace::No, ReadOnly::Yes},
    {"a read-only image replaced by another", Replace::Yes, ReadOnly::Yes},
};

/// What of an image can be seen; "" when there is none.
std::string seen(const std::filesystem::path& pool) {
    return std::filesystem::exists(pool / "web") ? whole(pool / "web") : "";
}

/// All names in a pool but the image's lock file: whom it belonged to is not synced, since that
/// would cost every job a flush, and systemd-nspawn leaves its own as well.
std::string images_in(const std::filesystem::path& pool) {
    std::filesystem::remove(pool / ".#web.lck");
    return names_in(pool);
}

/// One pool after another on the same file system, each with its own fault. Every step on ext4;
/// where mounting takes long every third, with another first one for each story.
void walk(LoopFs& fs, const Story& story, After after, const std::function<void()>& fault) {
    const unsigned stride = fs.type() == "ext4" ? 1 : 3;
    const auto first = static_cast<unsigned>(&story - kStories.data()) % stride + 1;
    const std::string before = story.replace == Replace::Yes ? "old" : "";
    unsigned old_states = 0;
    unsigned new_states = 0;
    for (unsigned step = first;; step += stride) {
        INFO(fs.type() << ": " << story.what << ", before step " << step);
        const std::filesystem::path pool = fs / next_id();
        Pool::open(pool);
        if (story.replace == Replace::Yes) {
            store_tree(pool, "old", spec("web", Replace::No, story.read_only));
        }
        const Stopped child = stop_at_step(
            step,
            [&] {
                static const Pool open = Pool::open(pool);
                static std::unique_ptr<Staging> staging =
                    std::make_unique<Staging>(open, spec("web", story.replace, story.read_only));
                fill_tree(*staging, "new");
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
        const std::string state = seen(pool);
        if (state != before || child.succeeded) {
            REQUIRE(state == "new");
        }
        REQUIRE(images_in(pool) == (state.empty() ? "" : "web"));
        if (!state.empty()) {
            const Image image = *find_image(Pool::open(pool), ImageName::parse("web"));
            REQUIRE(image.read_only == (story.read_only == ReadOnly::Yes));
        }
        ++(state == "new" ? new_states : old_states);
    }
    REQUIRE(old_states > 0);
    REQUIRE(new_states > 0);
}

} // namespace

TEST_CASE("P11: after a power loss at any step there is the old state or the whole image",
          "[storage][power]") {
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

TEST_CASE("P11: after a power loss the image that commit() has promised is there",
          "[storage][power]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    for (const Story& story : kStories) {
        INFO(type << ": " << story.what);
        const std::filesystem::path pool = fs / next_id(); // the pool itself is new, too
        if (story.replace == Replace::Yes) {
            store_tree(pool, "old", spec("web", Replace::No, story.read_only));
        }
        store_tree(pool, "new", spec("web", story.replace, story.read_only));
        fs.cut_power();
        fs.restart();
        REQUIRE(sweep(Pool::open(pool)).problems.empty());
        REQUIRE(seen(pool) == "new");
        REQUIRE(images_in(pool) == "web");
    }
}

TEST_CASE("P11: after a power loss a removed image does not come back", "[storage][power]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    store_tree(fs / "pool", "old", spec("web"));
    remove_image(Pool::open(fs / "pool"), ImageName::parse("web"));
    fs.cut_power();
    fs.restart();
    REQUIRE(sweep(Pool::open(fs / "pool")).problems.empty());
    REQUIRE(images_in(fs / "pool").empty());
}

TEST_CASE("P5: a disk that fails at any step is an error, and the next start sweeps",
          "[storage][power]") {
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

TEST_CASE("P5: the error of a failing disk names what was done", "[storage][power]") {
    const std::string type = GENERATE("ext4", "xfs", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    LoopFs fs(type, 320 * MiB);
    {
        const Pool pool = Pool::open(fs / "pool");
        Staging staging(pool, spec("web"));
        fill(staging, "one", kFiles);
        fs.fail_writes();
        const std::string told = fmt::format("cannot write the image to the disk of the pool '{}'",
                                             pool.path().string());
        REQUIRE_THROWS_MATCHES(std::move(staging).commit(accepted(), {}, {}), Error,
                               failure_with(Kind::Other, told) ||
                                   failure_with(Kind::Denied, told)); // turned read-only
    }
    fs.restart();
    const Pool pool = Pool::open(fs / "pool");
    REQUIRE(sweep(pool).problems.empty());
    REQUIRE(names_in(pool.path()).empty());
}
