// The small parts by themselves: entries of tables, claims, the window.

#include "base/error.hh"
#include "disk/claims.hh"
#include "disk/cluster_codec.hh"
#include "disk/host_window.hh"
#include "disk/qcow2_table.hh"
#include "tests/catch.hh"
#include "tests/support/disk_file.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::disk;
using namespace slipway::tests;

namespace {

std::string big_endian(std::uint64_t value) {
    std::string text;
    for (int shift = 56; shift >= 0; shift -= 8) {
        text += static_cast<char>(value >> shift);
    }
    return text;
}

Cluster entry(std::uint64_t first, const Qcow2Header& header = {}, std::uint64_t second = 0) {
    const std::string table = big_endian(first) + big_endian(second);
    return read_l2_entry(as_bytes(table), 0, header);
}

constexpr std::uint64_t kCopied = std::uint64_t{1} << 63;
constexpr std::uint64_t kPacked = std::uint64_t{1} << 62;

} // namespace

TEST_CASE("entries of an L2 table say what they should", "[disk][qcow2]") {
    const Qcow2Header v3{.zero_flag = true};
    CHECK(entry(0).kind == ClusterKind::Hole);
    CHECK(entry(kCopied | 0x50000).kind == ClusterKind::Data);
    CHECK(entry(kCopied | 0x50000).offset == 0x50000);
    CHECK(entry(1, v3).kind == ClusterKind::Hole);
    CHECK(entry(kCopied | 0x50001, v3).kind == ClusterKind::Reserved);
    CHECK(entry(kCopied | 0x50001).kind == ClusterKind::Data); // version 2 has no such flag

    // Clusters of 64 KiB: 54 bits of offset, then 8 bits of further sectors.
    const Cluster packed = entry(kPacked | std::uint64_t{3} << 54 | 0x12345);
    CHECK(packed.kind == ClusterKind::Packed);
    CHECK(packed.offset == 0x12345);
    CHECK(packed.length == 4 * 512 - 0x145);
}

TEST_CASE("subclusters are data, zeros or nothing", "[disk][qcow2]") {
    const Qcow2Header extended{.extended_l2 = true, .zero_flag = true};
    const Cluster some = entry(kCopied | 0x50000, extended, 0xffff'0000'0000'00ff);
    CHECK(some.kind == ClusterKind::Data);
    CHECK(some.subclusters == 0xff);
    CHECK(entry(kCopied | 0x50000, extended, 0).kind == ClusterKind::Reserved);
    CHECK(entry(0, extended, 0xffff'ffff'0000'0000).kind == ClusterKind::Hole);
    CHECK_THROWS_AS(entry(kCopied | 0x50000, extended, 0x0000'0001'0000'0001), Error);
    CHECK_THROWS_AS(entry(0, extended, 1), Error);
}

TEST_CASE("claims come in the order of the image, neighbours as one", "[disk][qcow2]") {
    Claims claims(10);
    claims.add({.content = Content::Data, .start = 300, .length = 100, .disk = 0});
    claims.add({.content = Content::Data, .start = 400, .length = 100, .disk = 100});
    claims.add({.content = Content::Data, .start = 500, .length = 100, .disk = 300});
    claims.add({.content = Content::L2Table, .start = 100, .length = 100});
    CHECK(claims.take_first().content == Content::L2Table);
    const Claim first = claims.take_first();
    CHECK(first.start == 300);
    CHECK(first.length == 200);
    CHECK(claims.take_first().start == 500);
    CHECK(claims.empty());
}

TEST_CASE("the window keeps what is new, and in the scratch file what nobody used",
          "[disk][qcow2]") {
    const TempDir top;
    const Fd scratch = make_nameless(top.path());
    HostWindow window(16, scratch.get());
    std::string image;
    for (unsigned cluster = 0; cluster < 200; ++cluster) {
        const std::string piece = content_of({cluster, 64 * KiB});
        window.append(as_bytes(piece));
        image += piece;
        if (cluster % 2 == 1) {
            window.use(cluster * 64 * KiB, 64 * KiB);
        }
    }
    CHECK(window.end() == image.size());
    CHECK_FALSE(window.holds(0, 1));
    CHECK(window.holds(image.size() - 512 * KiB, 512 * KiB));
    CHECK_FALSE(window.holds(image.size() - 10, 11));
    CHECK_FALSE(window.used_scratch());
    CHECK(
        (as_text(window.read(64 * KiB * 4 + 100, 5000)) == image.substr(64 * KiB * 4 + 100, 5000)));
    CHECK(window.used_scratch());
    CHECK_THROWS_AS(window.read(64 * KiB * 4 + 100, 65 * KiB), Error);
    CHECK_THROWS_AS(window.use(64 * KiB, 64 * KiB), Error);
}

TEST_CASE("the engine for clusters has a name", "[disk]") {
    CHECK_THAT(cluster_engine(), contains("libdeflate 1."));
}
