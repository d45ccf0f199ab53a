// Disks: byte for byte, hole for hole.

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "export/empty_file.hh"
#include "export/write_disk.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr std::uint64_t kDiskBytes = 16 * MiB + 5;

Fd open_disk(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(fd);
    return fd;
}

void check_copy(const std::filesystem::path& directory) {
    make_disk(directory / "disk", kDiskBytes, varied_stretches(kDiskBytes - 5));
    const Fd disk = open_disk(directory / "disk");
    const Fd output = make_file(directory / "copy");
    REQUIRE(exports::is_empty_file(output.get()));
    exports::Counters counters;
    stream::Digest digest(stream::Algorithm::Sha256);
    CHECK(exports::copy_disk(disk.get(), output.get(), &digest, counters, {}) == kDiskBytes);
    CHECK(difference(directory / "disk", directory / "copy").empty());
    CHECK(allocated_map(directory / "copy") == allocated_map(directory / "disk"));
    CHECK(counters.read_bytes.load() == kDiskBytes);
    CHECK(digest.finish() == run_ok({"sha256sum", (directory / "disk").string()}).substr(0, 64));
}

} // namespace

TEST_CASE("a disk is copied with its holes", "[export][disk]") {
    const TempDir directory;
    check_copy(directory.path());
}

TEST_CASE("a disk is copied with its holes on each file system", "[export][disk]") {
    for (const char* type : {"ext4", "xfs", "btrfs"}) {
        if (auto why = no_loop_fs(type)) {
            SKIP(*why);
        }
        INFO(type);
        const LoopFs fs(type, 512 * MiB);
        check_copy(fs.path());
    }
}

TEST_CASE("a disk is a stream with its holes as zeros", "[export][disk]") {
    const TempDir directory;
    make_disk(directory / "disk", kDiskBytes, varied_stretches(kDiskBytes - 5));
    const Fd disk = open_disk(directory / "disk");
    stream::MemorySink out(1 * GiB);
    exports::Counters counters;
    CHECK(exports::write_disk(disk.get(), out, counters) == kDiskBytes);
    CHECK(as_text(out.bytes()) == read_file(directory / "disk"));
}

TEST_CASE("only an empty file that is written from its start is copied to", "[export][disk]") {
    const TempDir directory;
    CHECK(exports::is_empty_file(make_file(directory / "a").get()));
    CHECK_FALSE(exports::is_empty_file(
        Fd(::open((directory / "a").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)).get()));
    write_file(directory / "b", "x");
    CHECK_FALSE(
        exports::is_empty_file(Fd(::open((directory / "b").c_str(), O_WRONLY | O_CLOEXEC)).get()));
    const Fd moved = make_file(directory / "c");
    REQUIRE(::lseek(moved.get(), 10, SEEK_SET) == 10);
    CHECK_FALSE(exports::is_empty_file(moved.get()));
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd reading(ends[0]);
    const Fd writing(ends[1]);
    CHECK_FALSE(exports::is_empty_file(writing.get()));
    CHECK_FALSE(exports::is_empty_file(-1));
}

TEST_CASE("a copy that is asked to stop stops", "[export][disk]") {
    const TempDir directory;
    make_disk(directory / "disk", 8 * MiB, {{0, 8 * MiB}});
    const Fd disk = open_disk(directory / "disk");
    const Fd output = make_file(directory / "copy");
    std::stop_source stop;
    stop.request_stop();
    exports::Counters counters;
    CHECK_THROWS_AS(
        exports::copy_disk(disk.get(), output.get(), nullptr, counters, stop.get_token()),
        Canceled);
}
