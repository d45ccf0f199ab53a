// Files with the holes that they should have, on the file systems where images are kept.

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/error.hh"
#include "disk/sparse_writer.hh"
#include "disk/zero_scan.hh"
#include "tests/catch.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/loop_fs.hh"

using namespace slipway;
using namespace slipway::disk;
using namespace slipway::tests;

namespace {

// All of `from`, read as it is, `piece` bytes at a time.
std::uint64_t write_all_of(const std::filesystem::path& from, SparseWriter& into,
                           std::size_t piece) {
    const Fd fd(::open(from.c_str(), O_RDONLY | O_CLOEXEC));
    std::vector<std::byte> buffer(piece);
    std::uint64_t offset = 0;
    for (ssize_t got = 0; (got = ::read(fd.get(), buffer.data(), piece)) > 0;) {
        into.write(offset, Bytes(buffer).first(static_cast<std::size_t>(got)));
        offset += static_cast<std::uint64_t>(got);
    }
    return offset;
}

} // namespace

TEST_CASE("zeros are told from everything else, wherever it hides", "[disk]") {
    std::vector<std::byte> block(kBlockBytes);
    CHECK(all_zero(block));
    CHECK(all_zero(Bytes()));
    for (const std::size_t at :
         {std::size_t{0}, std::size_t{1}, std::size_t{2000}, kBlockBytes - 2, kBlockBytes - 1}) {
        block[at] = std::byte{1};
        CHECK_FALSE(all_zero(block));
        block[at] = std::byte{0};
    }
    CHECK(all_zero(Bytes(block).first(1)));
}

TEST_CASE("a disk written in any pieces has the source's bytes and holes", "[disk]") {
    const TempDir top;
    const std::uint64_t size = 9 * MiB + 1024;
    make_disk(top / "source", size, varied_stretches(size));
    for (const std::size_t piece :
         {std::size_t{1000}, std::size_t{4096}, std::size_t{100'001}, std::size_t{256 * KiB}}) {
        INFO(piece << " bytes at a time");
        const Fd target = make_file(top / "target");
        SparseWriter writer(target.get());
        writer.finish(write_all_of(top / "source", writer, piece));
        CHECK(difference(top / "source", top / "target") == "");
        CHECK(allocated_map(top / "target") == data_map(top / "source"));
    }
}

TEST_CASE("stretches may come in any order", "[disk]") {
    const TempDir top;
    const std::uint64_t size = 9 * MiB;
    std::vector<Stretch> stretches = varied_stretches(size);
    make_disk(top / "source", size, stretches);
    const Fd target = make_file(top / "target");
    SparseWriter writer(target.get());
    std::uint64_t data = 0;
    for (auto stretch = stretches.rbegin(); stretch != stretches.rend(); ++stretch) {
        writer.write(stretch->offset, as_bytes(content_of(*stretch)));
        data += stretch->length;
    }
    writer.finish(size);
    CHECK(writer.data_bytes() == data);
    CHECK(difference(top / "source", top / "target") == "");
}

TEST_CASE("Q9: a size that is no multiple of 512 is kept exactly", "[disk]") {
    const TempDir top;
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{511}, 8 * MiB + 513}) {
        for (const bool ends_in_zeros : {false, true}) {
            INFO(size << ", ends in zeros: " << ends_in_zeros);
            std::string content(size, '\0');
            content[ends_in_zeros ? 0 : size - 1] = 'x';
            const Fd target = make_file(top / "target");
            SparseWriter writer(target.get());
            writer.write(0, as_bytes(content));
            writer.finish(size);
            CHECK(std::filesystem::file_size(top / "target") == size);
            CHECK((read_file(top / "target") == content));
        }
    }
}

TEST_CASE("blocks allocated are the source's on ext4, xfs and btrfs", "[disk][fs]") {
    const std::uint64_t size = 300 * MiB;
    std::vector<Stretch> stretches = varied_stretches(size);
    for (std::uint64_t at = 16 * MiB; at < 200 * MiB; at += 3 * MiB) {
        stretches.push_back({at, 1 * MiB + at % 40'000, Fill::Text});
    }
    for (const char* type : {"ext4", "xfs", "btrfs"}) {
        INFO(type);
        if (auto why = no_loop_fs(type)) {
            WARN("SKIPPED: " << *why);
            continue;
        }
        const LoopFs fs(type, 600 * MiB);
        make_disk(fs / "source", size, stretches);
        {
            const Fd target = make_file(fs / "target");
            SparseWriter writer(target.get());
            writer.finish(write_all_of(fs / "source", writer, 256 * KiB));
        }
        CHECK(difference(fs / "source", fs / "target") == "");
        const std::uint64_t expected = allocated_bytes(fs / "source");
        const std::uint64_t found = allocated_bytes(fs / "target");
        CHECK(found <= expected + expected / 100);
    }
}

TEST_CASE("Q7: a file that held data has zeros where zeros belong", "[disk]") {
    const TempDir top;
    const std::uint64_t size = 9 * MiB + 512;
    make_disk(top / "source", size, varied_stretches(size));
    for (const std::uint64_t held : {5 * MiB + 77, size, 12 * MiB}) {
        INFO("it held " << held << " bytes");
        make_disk(top / "target", held, {{0, held}});
        const Fd target(::open((top / "target").c_str(), O_RDWR | O_CLOEXEC));
        SparseWriter writer(target.get());
        writer.finish(write_all_of(top / "source", writer, 100'000));
        CHECK(difference(top / "source", top / "target") == "");
    }
    SECTION("also where its holes are not told of") {
        make_disk(top / "target", 12 * MiB, {{0, 12 * MiB}});
        const Fd target(::open((top / "target").c_str(), O_RDWR | O_CLOEXEC));
        SparseWriter writer(target.get());
        writer.clear(size);
        for (const Stretch& stretch : varied_stretches(size)) {
            writer.write(stretch.offset, as_bytes(content_of(stretch)));
        }
        writer.finish(size);
        CHECK(difference(top / "source", top / "target") == "");
    }
}

TEST_CASE("Q7: a block device that held data has zeros where zeros belong", "[disk]") {
    if (::geteuid() != 0) {
        SKIP("needs root: a loop device");
    }
    const TempDir top;
    const std::uint64_t size = 9 * MiB;
    make_disk(top / "source", size, varied_stretches(size));
    make_disk(top / "medium", size, {{0, size}});
    const RunResult loop = run({"losetup", "--show", "-f", top / "medium"});
    if (loop.status != 0) {
        SKIP("no loop device can be had");
    }
    const std::string device = loop.out.substr(0, loop.out.find('\n'));
    std::string too_large;
    {
        const Fd target(::open(device.c_str(), O_RDWR | O_CLOEXEC));
        SparseWriter writer(target.get());
        writer.announce(size);
        writer.finish(write_all_of(top / "source", writer, 100'000));
        ::fsync(target.get());
        try {
            writer.announce(size + 512);
        } catch (const Error& error) {
            too_large = error.what();
        }
    }
    run_ok({"losetup", "-d", device});
    CHECK(difference(top / "source", top / "medium") == "");
    CHECK(too_large == "the disk is 9.0M large, and the device has 9.0M");
}

TEST_CASE("a disk larger than the file system can hold is refused at once", "[disk]") {
    const TempDir top;
    const Fd target = make_file(top / "target");
    SparseWriter writer(target.get());
    for (const std::uint64_t size : {~std::uint64_t{0}, std::uint64_t{1} << 62}) {
        try {
            writer.announce(size);
            WARN("this file system holds files of " << size << " bytes");
        } catch (const Error& error) {
            CHECK(error.kind() == Kind::Unsupported);
            CHECK_THAT(error.what(), contains("more than the pool's file system can hold"));
        }
    }
    CHECK(std::filesystem::file_size(top / "target") == 0);
}
