// Exports that do not come to their end: whatever happens, a file is whole or not there.

#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/e2e/exporting.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/running_job.hh"
#include "tests/e2e/shooting.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/running_program.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

void store_large_tree(const Scene& scene, const std::filesystem::path& tree, std::uint64_t size) {
    std::filesystem::create_directory(tree);
    make_large_tree(tree, size);
    const FinishedJob job = run_job(scene.import_fs(tree), Face::Transfer);
    INFO(job.text());
    REQUIRE(job.status == 0);
}

// A fifo that a reader holds open and does not read.
struct SlowReader {
    explicit SlowReader(const std::filesystem::path& path) {
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        fd.reset(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        REQUIRE(fd);
    }
    void wait_for_a_byte() const {
        char byte = 0;
        pollfd ready{fd.get(), POLLIN, 0};
        REQUIRE(::poll(&ready, 1, 60'000) == 1);
        REQUIRE(::read(fd.get(), &byte, 1) == 1);
    }
    Fd fd;
};

} // namespace

TEST_CASE("a signal cancels an export within a second, though nobody reads what it writes",
          "[e2e][export][faults]") {
    const Scene scene;
    const TempDir place;
    store_large_tree(scene, place / "tree", 8 * MiB);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        INFO(signal);
        const auto fifo = place / fmt::format("fifo-{}", signal);
        const SlowReader reader(fifo);
        Running running(export_command(scene, "export-tar", {fifo.string()}));
        reader.wait_for_a_byte();
        const auto start = std::chrono::steady_clock::now();
        running.kill(signal);
        CHECK(running.wait() == 128 + signal);
        CHECK(std::chrono::steady_clock::now() - start < 5s);
        CHECK_THAT(running.err(), contains("canceled; nothing was written to its end"));
    }
    CHECK(scene.leftovers({"image"}) == Lines{});
}

TEST_CASE("a reader that goes away ends the export in words", "[e2e][export][faults]") {
    const Scene scene;
    const TempDir place;
    store_large_tree(scene, place / "tree", 8 * MiB);
    SlowReader reader(place / "fifo");
    Running running(export_command(scene, "export-tar", {(place / "fifo").string()}));
    reader.wait_for_a_byte();
    reader.fd.reset();
    CHECK(running.wait() == 1);
    CHECK(running.err() == "slipway: exporting 'image': writing: nobody reads the output any more; "
                           "what was written is not whole\n");
}

TEST_CASE("a disk that runs full leaves the file that was there, and nothing else",
          "[e2e][export][faults]") {
    for (const char* type : {"ext4", "btrfs"}) {
        if (auto why = no_loop_fs(type)) {
            SKIP(*why);
        }
        INFO(type);
        const Scene scene;
        const TempDir place;
        store_large_tree(scene, place / "tree", 160 * MiB);
        const LoopFs target(type, 128 * MiB);
        write_file(target / "out.tar", "mine");
        for (const char* format : {"uncompressed", "gzip", "zstd"}) {
            INFO(format);
            const RunResult result = export_image(
                scene, "export-tar",
                {"--force", fmt::format("--format={}", format), (target / "out.tar").string()});
            CHECK(result.status == 7);
            CHECK_THAT(result.err,
                       contains("No space left on device; what was written is not whole"));
            CHECK(read_file(target / "out.tar") == "mine");
            Lines names = names_in(target.path());
            std::erase(names, "lost+found");
            CHECK(names == Lines{"out.tar"});
        }
        CHECK(scene.leftovers({"image"}) == Lines{});
    }
}

TEST_CASE("a medium that fails is an error, and the file that was there stays",
          "[e2e][export][faults]") {
    if (auto why = no_loop_fs("ext4")) {
        SKIP(*why);
    }
    const Scene scene;
    const TempDir place;
    store_large_tree(scene, place / "tree", 16 * MiB);
    LoopFs target("ext4", 128 * MiB);
    write_file(target / "out.tar", "mine");
    ::sync();
    target.fail_writes();
    const RunResult result =
        export_image(scene, "export-tar", {"--force", (target / "out.tar").string()});
    CHECK(result.status != 0);
    CHECK_THAT(result.err, contains("slipway: "));
    target.restart();
    CHECK(read_file(target / "out.tar") == "mine");
}

TEST_CASE("K1: kill -9 of each process of an export leaves the old file or the new one",
          "[e2e][export][faults][crash]") {
    for (const char* type : {"ext4", "btrfs"}) {
        if (auto why = no_loop_fs(type)) {
            SKIP(*why);
        }
        INFO(type);
        const LoopFs fs(type, 512 * MiB);
        const Scene scene(fs);
        store_large_tree(scene, fs / "tree", 24 * MiB);
        const std::string file = (fs / "out.tar.zst").string();
        REQUIRE(export_image(scene, "export-tar", {file}).status == 0);
        const std::string whole = read_file(file);
        Dice dice;
        Counts there;
        Counts victims;
        for (unsigned shot = 0; shot < planned_kills(); ++shot) {
            write_file(file, "old");
            Running running(export_command(scene, "export-tar", {"--force", file}));
            dice.pause(shot % 4 == 0 ? 600'000 : 200'000);
            std::vector<pid_t> pids{running.pid()};
            for (const char* name : {"slipway-transfer", "slipway-unpack"}) {
                if (const auto child =
                        find_child_of(pids.back(), std::string(name).substr(0, 15))) {
                    pids.push_back(*child);
                }
            }
            const pid_t victim = pids.at(dice.below(static_cast<unsigned>(pids.size())));
            ++victims[victim == pids[0]                      ? "slipway"
                      : pids.size() > 1 && victim == pids[1] ? "slipway-transfer"
                                                             : "slipway-unpack"];
            ::kill(victim, SIGKILL);
            const int status = running.wait();
            CHECK(wait_for_orphans() == Lines{});
            const std::string found = read_file(file);
            CHECK((found == whole || (found == "old" && status != 0)));
            ++there[found == whole ? "new" : "old"];
        }
        print(fmt::format("export on {}: files that were there", type), there);
        print("shots at", victims);
        Lines names = names_in(fs.path());
        std::erase(names, "lost+found");
        CHECK(names == Lines{"out.tar.zst", "pool", "tree"});
        // What a killed keeper has left in the pool the next job takes away, when it is not new.
        for (const std::string& name : scene.pool.entries()) {
            std::filesystem::last_write_time(scene.pool / name,
                                             std::filesystem::file_time_type::clock::now() - 3s);
        }
        REQUIRE(run_job(scene.import_fs(fs / "tree", "other"), Face::Transfer).status == 0);
        CHECK(scene.leftovers({"image", "other"}) == Lines{});
    }
}
