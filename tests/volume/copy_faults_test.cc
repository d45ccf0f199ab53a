// What goes wrong while a tree is copied: a source that moves, a disk that is full or broken,
// somebody who does not want it any more.

#include <atomic>
#include <chrono>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/support/tree.hh"
#include "tests/volume/copying.hh"

using namespace slipway;
using namespace slipway::volume;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;
void make_files(const fs::path& directory, int count) {
    fs::create_directories(directory);
    for (int i = 0; i < count; ++i) {
        write_file(directory / std::to_string(i), std::to_string(i));
    }
}

// Writes, replaces, renames and removes in a directory until it is told to stop.
class Restless {
public:
    explicit Restless(fs::path place)
        : thread_([this, place = std::move(place)](const std::stop_token& stop) {
              for (unsigned i = 0; !stop.stop_requested(); ++i) {
                  step(place / std::to_string(i % 300), i);
              }
          }) {}

private:
    static void step(const fs::path& path, unsigned i) {
        std::error_code error;
        switch (i % 7) {
        case 0:
            fs::remove_all(path, error);
            break;
        case 1:
            fs::create_directory(path, error);
            break;
        case 2:
            fs::create_symlink("elsewhere", path, error);
            break;
        case 3:
            fs::rename(path, path.string() + "x", error);
            break;
        case 4:
            static_cast<void>(::mkfifo(path.c_str(), 0600));
            break;
        default:
            const Fd fd(::open(path.c_str(),
                               O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC,
                               0600));
            static_cast<void>(::write(fd.get(), "restless", i % 9));
        }
    }

    std::jthread thread_;
};

} // namespace

TEST_CASE("a source that changes meanwhile is told, and what stands still in it is exact",
          "[storage][copy]") {
    const std::string kind = GENERATE("tmpfs", "xfs");
    if (auto why = no_volume(kind)) {
        SKIP(*why);
    }
    const Scratch place(kind);
    make_files(place / "from/still", 100);
    make_files(place / "from/restless", 300);
    const Tree still = read_tree(place / "from/still");
    std::uint64_t noticed = 0;
    {
        const Restless somebody(place / "from/restless");
        for (int round = 0; round < 200 && (noticed == 0 || round < 20); ++round) {
            const fs::path to = place / ("to" + std::to_string(round));
            try {
                const volume::CopiedTree copied = make_copy(place / "from", to, {.workers = 4});
                noticed += copied.changed.count + copied.vanished.count;
            } catch (const Error& error) {
                INFO(error.what()); // one name was never twice the same
                REQUIRE(error.kind() == Kind::Busy);
                continue;
            }
            REQUIRE(tree_differences(still, read_tree(to / "still")) == Lines{});
            fs::remove_all(to);
        }
    }
    CHECK(noticed > 0);
}

TEST_CASE("a file that is truncated or grows meanwhile is counted as changed", "[storage][copy]") {
    const Scratch place("tmpfs");
    fs::create_directory(place / "from");
    write_file(place / "from/log", std::string(16 * MiB, 'x'));
    std::atomic<bool> done = false;
    std::jthread writer([&] {
        const Fd fd(::open((place / "from/log").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
        while (!done) {
            static_cast<void>(::write(fd.get(), "more", 4));
            std::this_thread::yield();
        }
    });
    const volume::CopiedTree copied = make_copy(place / "from", place / "to");
    done = true;
    CHECK(copied.changed.count == 1);
    CHECK(copied.changed.first == "log");
    CHECK(fs::file_size(place / "to/log") >= 16 * MiB);
}

TEST_CASE("K2: a copy is given up within a second", "[storage][copy]") {
    if (auto why = no_volume("ext4")) {
        SKIP(*why);
    }
    const Scratch place("ext4");
    SECTION("before it begins") {
        make_files(place / "from", 10);
        std::stop_source stop;
        stop.request_stop();
        CHECK_THROWS_AS(make_copy(place / "from", place / "to", {}, stop.get_token()), Canceled);
    }
    SECTION("among many files") {
        make_files(place / "from", 20'000);
        std::stop_source stop;
        auto asked = std::chrono::steady_clock::now();
        volume::CopyOptions options{.workers = 1};
        options.on_progress = [&](const volume::CopyProgress& so_far) {
            if (so_far.entries > 0 && !stop.stop_requested()) {
                asked = std::chrono::steady_clock::now();
                stop.request_stop();
            }
        };
        CHECK_THROWS_AS(make_copy(place / "from", place / "to", options, stop.get_token()),
                        Canceled);
        CHECK(std::chrono::steady_clock::now() - asked < 1s);
    }
    SECTION("in one large file") {
        fs::create_directory(place / "from");
        write_file(place / "from/large", std::string(200 * MiB, 'x'));
        std::stop_source stop;
        const std::jthread canceler([&](const std::stop_token& ended) {
            struct stat info {};
            while (!ended.stop_requested() && info.st_blocks == 0) {
                ::stat((place / "to/large").c_str(), &info);
            }
            stop.request_stop();
        });
        CHECK_THROWS_AS(make_copy(place / "from", place / "to", {}, stop.get_token()), Canceled);
        struct stat info {};
        REQUIRE(::stat((place / "to/large").c_str(), &info) == 0);
        CHECK(static_cast<std::uint64_t>(info.st_blocks) * 512 < 200 * MiB);
    }
    SECTION("by what hears of its progress") {
        make_files(place / "from", 10);
        volume::CopyOptions options;
        options.on_progress = [](const volume::CopyProgress&) { throw Canceled(); };
        CHECK_THROWS_AS(make_copy(place / "from", place / "to", options), Canceled);
    }
}

TEST_CASE("P1: a disk that becomes full ends the copy with the path", "[storage][copy]") {
    const std::string type = GENERATE("ext4", "btrfs");
    if (auto why = no_loop_fs(type)) {
        SKIP(*why);
    }
    const LoopFs full(type, type == "ext4" ? 8 * MiB : 128 * MiB);
    const TempDir place;
    fs::create_directories(place / "from/d");
    const std::uint64_t size = type == "ext4" ? 12 * MiB : 140 * MiB;
    write_file(place / "from/d/large", std::string(size, 'x'));
    REQUIRE_THROWS_MATCHES(make_copy(place / "from", full / "to"), Error,
                           failure(Kind::NoSpace, "'d/large': cannot write its copy: No space left "
                                                  "on device"));
}

TEST_CASE("P3: inodes used up end the copy with the path", "[storage][copy]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const LoopFs full("ext4", 8 * MiB, {.mkfs = {"-N", "64"}, .mount = ""});
    const Scratch place("tmpfs");
    make_files(place / "from", 100);
    REQUIRE_THROWS_MATCHES(make_copy(place / "from", full / "to"), Error,
                           failure_with(Kind::NoSpace, "cannot make it: No space left on device"));
}

TEST_CASE("P5: a disk that fails ends the copy", "[storage][copy]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    LoopFs broken("ext4", 64 * MiB, {.mkfs = {}, .mount = "errors=remount-ro"});
    const Scratch place("tmpfs");
    make_files(place / "from", 2000);
    fs::create_directory(broken / "to");
    broken.cut_power();
    REQUIRE_THROWS_AS(make_copy(place / "from", broken / "to"), Error);
    broken.restart();
}

TEST_CASE("a directory that cannot be read is named", "[storage][copy]") {
    if (::geteuid() != 0) {
        SKIP("only root can become somebody else");
    }
    const Scratch place("tmpfs");
    make_files(place / "from/closed", 1);
    fs::permissions(place / "from/closed", fs::perms::none);
    fs::create_directory(place / "to");
    fs::permissions(place / "to", fs::perms(0777));
    const Fd source = open_tree(place / "from");
    const Fd target = open_tree(place / "to");
    std::string said;
    REQUIRE(::seteuid(65534) == 0);
    try {
        volume::copy_tree(source.get(), target.get(), {}, {});
    } catch (const std::exception& error) {
        said = error.what();
    }
    REQUIRE(::seteuid(0) == 0);
    CHECK(said == "'closed': cannot open it: Permission denied");
}
