// Images made by qemu-img in every variant, byte for byte against what qemu-img makes of them.

#include <algorithm>

#include "tests/catch.hh"
#include "tests/disk/read_image.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Words = std::vector<std::string>;

Words operator+(Words a, const Words& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

const std::string kOutOfOrder = "the qcow2 image has data before the tables that lead to it: such "
                                "data takes the way through a hidden scratch file in the pool";

struct Place {
    TempDir top;
    std::filesystem::path raw = top / "source.raw";
    std::filesystem::path image = top / "image.qcow2";
    std::filesystem::path expected = top / "expected.raw";
    std::filesystem::path made = top / "made.raw";

    // The image as qemu-img makes it of a disk with stretches of every kind.
    void convert(std::uint64_t size, const Words& options,
                 const std::vector<Stretch>& more = {}) const {
        std::vector<Stretch> stretches = varied_stretches(size);
        stretches.insert(stretches.end(), more.begin(), more.end());
        make_disk(raw, size, stretches);
        run_ok(Words{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"} + options +
               Words{raw, image});
    }
    void io(const Words& commands) const {
        Words words{"qemu-io", "-f", "qcow2"};
        for (const std::string& command : commands) {
            words = words + Words{"-c", command};
        }
        run_ok(words + Words{image});
    }

    // Reads the image, compares with what qemu-img reads, and gives what was said.
    ReadOutcome check(const ReadSettings& settings = {}) const {
        run_ok({"qemu-img", "convert", "-f", "qcow2", "-O", "raw", image, expected});
        const ReadOutcome outcome = read_image(as_bytes(read_file(image)), made, settings);
        CHECK(outcome.error == "");
        CHECK(difference(expected, made) == "");
        CHECK(allocated_map(made) == data_map(expected));
        return outcome;
    }
};

// One that is read from front to back, and needs no scratch file for it.
void check_in_order(const Place& place) {
    const std::size_t piece = GENERATE(std::size_t{1} << 30, std::size_t{4097});
    const ReadOutcome outcome = place.check({.piece = piece, .scratch = false});
    CHECK(outcome.warnings == Words{});
}

} // namespace

TEST_CASE("Q1: qcow2 of version 2 and 3 in clusters of every size is what qemu-img reads",
          "[disk][qcow2]") {
    const Place place;
    const std::string compat = GENERATE("0.10", "1.1");
    const std::string cluster = GENERATE("512", "4k", "64k", "2M");
    INFO(compat << ", " << cluster);
    place.convert(12 * MiB, {"-o", "compat=" + compat + ",cluster_size=" + cluster});
    check_in_order(place);
}

TEST_CASE("Q1: compressed clusters of every size are what qemu-img reads", "[disk][qcow2]") {
    const Place place;
    const std::string method = GENERATE("zlib", "zstd");
    const std::string cluster = GENERATE("512", "4k", "64k", "2M");
    INFO(method << ", " << cluster);
    place.convert(12 * MiB,
                  {"-c", "-o", "compression_type=" + method + ",cluster_size=" + cluster});
    check_in_order(place);
}

TEST_CASE("Q1: extended L2 entries are what qemu-img reads", "[disk][qcow2]") {
    const Place place;
    const std::string cluster = GENERATE("16k", "64k", "2M");
    const bool packed = GENERATE(false, true);
    INFO(cluster << ", compressed: " << packed);
    place.convert(12 * MiB, (packed ? Words{"-c"} : Words{}) +
                                Words{"-o", "extended_l2=on,cluster_size=" + cluster});
    SECTION("as converted") {
        check_in_order(place);
    }
    SECTION("with single subclusters written, cleared and dropped") {
        place.io({"write -P 0x11 7M 2k", "write -P 0x22 7190k 66k", "write -z 4100k 70k",
                  "discard 4500k 70k", "write -P 0x33 5121k 1k"});
        place.check();
    }
}

TEST_CASE("Q1: preallocated images are what qemu-img reads", "[disk][qcow2]") {
    const Place place;
    const std::string mode = GENERATE("metadata", "falloc", "full");
    const std::string more = GENERATE("", ",extended_l2=on");
    INFO(mode << more);
    place.convert(12 * MiB, {"-o", "preallocation=" + mode + more});
    check_in_order(place);
}

TEST_CASE("Q1: clusters that read as zeros are holes, also where a place is kept for them",
          "[disk][qcow2]") {
    const Place place;
    place.convert(12 * MiB, {});
    place.io({"write -z 4M 256k", "write -z -u 5M 128k", "write -P 0 1M 64k", "discard 2M 64k"});
    place.check();
}

TEST_CASE("Q1: an image that was not closed is read, with a warning", "[disk][qcow2]") {
    const Place place;
    place.convert(12 * MiB, {"-o", "lazy_refcounts=on"});
    const RunResult killed = run({"qemu-io", "-f", "qcow2", "-c", "write -P 0x44 9M 200k", "-c",
                                  "flush", "-c", "abort", place.image});
    REQUIRE(killed.status == 134);
    const Words said = place.check().warnings;
    REQUIRE_FALSE(said.empty());
    CHECK_THAT(said.front(), contains("its dirty bit is set"));
}

TEST_CASE("Q1: of an image with snapshots inside the active disk is read", "[disk][qcow2]") {
    const Place place;
    const Words packed = GENERATE(Words{}, Words{"-c"});
    place.convert(12 * MiB, packed);
    run_ok({"qemu-img", "snapshot", "-c", "first", place.image});
    place.io({"write -P 0x55 4M 1M", "write -P 0x66 10M 100k"});
    run_ok({"qemu-img", "snapshot", "-c", "second", place.image});
    place.io({"write -P 0x77 4500k 300k"});
    const std::size_t piece = GENERATE(std::size_t{1} << 30, std::size_t{4097});
    place.check({.piece = piece});
}

TEST_CASE("an image out of order takes the way through scratch, said once", "[disk][qcow2]") {
    const Place place;
    const std::uint64_t size = 40 * MiB;
    const Words packed =
        GENERATE(Words{"-o", "cluster_size=4k"}, Words{"-c", "-o", "cluster_size=4k"});
    place.convert(size, packed, {{8 * MiB, 20 * MiB, Fill::Half}});
    // A larger L1 table goes to the end, behind everything that it leads to.
    run_ok({"qemu-img", "resize", "-f", "qcow2", place.image, "4G"});
    SECTION("with a scratch file") {
        CHECK(place.check().warnings == Words{kOutOfOrder});
        const ReadOutcome outcome = place.check({.piece = 4097});
        CHECK(outcome.warnings == Words{kOutOfOrder});
        CHECK(outcome.scratch_bytes > 0);
    }
    SECTION("refused without one") {
        const ReadOutcome outcome =
            read_image(as_bytes(read_file(place.image)), place.made, {.scratch = false});
        CHECK_FALSE(outcome.done);
        CHECK(outcome.kind == Kind::Unsupported);
        CHECK_THAT(outcome.error, contains("qemu-img convert -O qcow2 IMAGE NEW.qcow2"));
    }
}

TEST_CASE("clusters written in any order are what qemu-img reads", "[disk][qcow2]") {
    const Place place;
    const Words packed = GENERATE(Words{}, Words{"-c"});
    place.convert(40 * MiB, packed + Words{"-W", "-m", "16", "-o", "cluster_size=4k"},
                  {{8 * MiB, 20 * MiB, Fill::Half}});
    place.check();
}

TEST_CASE("Q1: an odd number of sectors and a size that ends within a cluster are kept",
          "[disk][qcow2]") {
    const Place place;
    const std::uint64_t size = 12 * MiB + GENERATE(512U, 4096U, 65536U + 1536U);
    const Words options = GENERATE(Words{}, Words{"-c"}, Words{"-o", "cluster_size=2M"},
                                   Words{"-o", "extended_l2=on"});
    place.convert(size, options);
    const ReadOutcome outcome = place.check({.scratch = false});
    CHECK(outcome.size_bytes == size);
}

TEST_CASE("Q6: a disk of 1 TiB with 10 MiB of data takes 10 MiB", "[disk][qcow2]") {
    const Place place;
    const std::uint64_t size = std::uint64_t{1} << 40;
    const Words options = GENERATE(Words{}, Words{"-c"}, Words{"-o", "cluster_size=2M"});
    std::vector<Stretch> stretches = varied_stretches(size);
    for (unsigned i = 1; i <= 8; ++i) {
        stretches.push_back({i * size / 9, 1 * MiB});
    }
    make_disk(place.raw, size, stretches);
    run_ok(Words{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"} + options +
           Words{place.raw, place.image});
    const ReadOutcome outcome =
        read_image(as_bytes(read_file(place.image)), place.made, {.scratch = false});
    CHECK(outcome.error == "");
    CHECK(outcome.size_bytes == size);
    CHECK(difference(place.raw, place.made) == "");
    CHECK(allocated_map(place.made) == data_map(place.raw));
    CHECK(allocated_bytes(place.made) <= 11 * MiB);
}

TEST_CASE("tables that lead to more than is awaited at once are read in the end", "[disk][qcow2]") {
    // Clusters of 4 KiB: header, L1 table, eight L2 tables, then the data from its end on.
    constexpr std::uint64_t kCluster = 4 * KiB;
    constexpr std::uint64_t kTables = 8;
    constexpr std::uint64_t kEntries = kCluster / 8;
    constexpr std::uint64_t kFirstData = 2 + kTables;
    const auto number = [](std::uint64_t value, int bytes) {
        std::string text;
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
            text += static_cast<char>(value >> shift);
        }
        return text;
    };
    std::string image = "QFI\xfb" + number(2, 4) + number(0, 8) + number(0, 4) + number(12, 4) +
                        number(kTables * kEntries * kCluster, 8) + number(0, 4) +
                        number(kTables, 4) + number(kCluster, 8) + std::string(24, '\0');
    image.resize(kCluster);
    for (std::uint64_t i = 0; i < kTables; ++i) {
        image += number((2 + i) * kCluster, 8);
    }
    image.resize(2 * kCluster);
    std::string expected;
    std::string data;
    for (std::uint64_t i = 0; i < kTables * kEntries; ++i) {
        image += number((kFirstData + kTables * kEntries - 1 - i) * kCluster, 8);
        expected += std::string(kCluster, static_cast<char>(i % 255 + 1));
        data += std::string(kCluster, static_cast<char>((kTables * kEntries - 1 - i) % 255 + 1));
    }
    image += data;
    const TempDir top;
    const ReadOutcome outcome = read_image(as_bytes(image), top / "made", {.claims = 600});
    CHECK(outcome.error == "");
    CHECK(outcome.warnings == Words{kOutOfOrder});
    CHECK(outcome.scratch_bytes > 0);
    CHECK((read_file(top / "made") == expected));
    CHECK(read_image(as_bytes(image), top / "made").warnings == Words{});
    CHECK((read_file(top / "made") == expected));
}

TEST_CASE("an image cut off anywhere is refused", "[disk][qcow2][hostile]") {
    const Place place;
    const Words packed = GENERATE(Words{}, Words{"-c"});
    place.convert(9 * MiB, packed);
    const std::string whole = read_file(place.image);
    for (std::size_t i = 0; i < 40; ++i) {
        const std::size_t cut = whole.size() / 40 * i + i;
        INFO("cut at " << cut << " of " << whole.size());
        const ReadOutcome outcome = read_image(as_bytes(whole).first(cut), place.made);
        CHECK_FALSE(outcome.done);
        CHECK(outcome.kind == Kind::Corrupt);
    }
}
