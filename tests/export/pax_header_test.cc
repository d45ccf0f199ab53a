// Headers byte for byte.

#include "export/pax_header.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::exports;

namespace {

std::string field(const std::string& block, std::size_t offset, std::size_t size) {
    const std::string text = block.substr(offset, size);
    return text.substr(0, text.find('\0'));
}

// The records of an extended header in front of the entry's own block.
std::string records(const std::string& header) {
    REQUIRE(header.size() >= 3 * 512);
    REQUIRE(header[156] == 'x');
    return header.substr(512, std::stoul(field(header, 124, 12), nullptr, 8));
}

std::string last_block(const std::string& header) {
    return header.substr(header.size() - 512);
}

unsigned sum_of(std::string block) {
    block.replace(148, 8, "        ");
    unsigned sum = 0;
    for (const char byte : block) {
        sum += static_cast<unsigned char>(byte);
    }
    return sum;
}

} // namespace

TEST_CASE("what the old fields hold needs one block", "[export][header]") {
    const std::string header = pax_header({.type = EntryType::File,
                                           .name = "./etc/hostname",
                                           .mode = 0100644,
                                           .uid = 0,
                                           .gid = 42,
                                           .mtime = {1700000000, 0},
                                           .size_bytes = 1234});
    REQUIRE(header.size() == 512);
    CHECK(field(header, 0, 100) == "./etc/hostname");
    CHECK(field(header, 100, 8) == "0000644");
    CHECK(field(header, 108, 8) == "0000000");
    CHECK(field(header, 116, 8) == "0000052");
    CHECK(field(header, 124, 12) == "00000002322");
    CHECK(field(header, 136, 12) == "14524770400");
    CHECK(header[156] == '0');
    CHECK(header.substr(257, 8) == std::string("ustar\00000", 8));
    CHECK(std::stoul(field(header, 148, 8), nullptr, 8) == sum_of(header));
}

TEST_CASE("owners, sizes and times beyond the old fields stand in records", "[export][header]") {
    const std::string header = pax_header({.name = "a",
                                           .uid = 4294967294,
                                           .gid = 2097152,
                                           .mtime = {-86401, 250'000'000},
                                           .size_bytes = 8589934592});
    CHECK(records(header) == "19 size=8589934592\n"
                             "18 uid=4294967294\n"
                             "15 gid=2097152\n"
                             "19 mtime=-86400.75\n");
    CHECK(field(last_block(header), 108, 8) == "0000000");
    CHECK(field(last_block(header), 136, 12) == "00000000000");
}

TEST_CASE("times keep their nanoseconds and nothing behind them", "[export][header]") {
    struct Row {
        timespec time;
        const char* record;
    };
    for (const Row& row : {
             Row{{1, 1}, "21 mtime=1.000000001\n"},
             Row{{1, 500'000'000}, "13 mtime=1.5\n"},
             Row{{0, 999'999'999}, "21 mtime=0.999999999\n"},
             Row{{-1, 999'999'999}, "22 mtime=-0.000000001\n"},
             Row{{-1, 0}, "12 mtime=-1\n"},
             Row{{8589934592, 0}, "20 mtime=8589934592\n"},
         }) {
        CHECK(records(pax_header({.name = "a", .mtime = row.time})) == row.record);
    }
    CHECK(pax_header({.name = "a", .mtime = {8589934591, 0}}).size() == 512);
}

TEST_CASE("names stand where every reader takes their bytes as they are", "[export][header]") {
    const std::string longest(100, 'n');
    CHECK(pax_header({.name = longest}).size() == 512);
    CHECK(records(pax_header({.name = longest + "n"})) == "111 path=" + longest + "n\n");
    CHECK(records(pax_header({.name = "./\xc3\xbc"})) == "13 path=./\xc3\xbc\n");
    const std::string short_bytes = pax_header({.name = "./\xff"});
    CHECK(short_bytes.size() == 512);
    CHECK(field(short_bytes, 0, 100) == "./\xff");
    CHECK(records(pax_header({.name = longest + "\xff"})) ==
          "21 hdrcharset=BINARY\n111 path=" + longest + "\xff\n");
    CHECK(records(pax_header({.type = EntryType::Symlink, .name = "a", .target = longest + "t"})) ==
          "115 linkpath=" + longest + "t\n");
}

TEST_CASE("a length that grows by its own digit counts it", "[export][header]") {
    // " path=" and the newline are 7 bytes: with 91 of a value the length is 100, not 99.
    for (const std::size_t size : {101U, 984U, 985U, 986U, 987U, 988U, 989U, 990U, 991U}) {
        const std::string text = records(pax_header({.name = std::string(size, 'n')}));
        CHECK(text.size() == std::stoul(text));
    }
}

TEST_CASE("a sparse file's name, size and format stand in records", "[export][header]") {
    const std::string header =
        pax_header({.name = "./var/disk", .size_bytes = 512, .sparse_size_bytes = 1048576});
    CHECK(records(header) == "30 GNU.sparse.name=./var/disk\n"
                             "22 GNU.sparse.major=1\n"
                             "22 GNU.sparse.minor=0\n"
                             "31 GNU.sparse.realsize=1048576\n");
    CHECK(field(last_block(header), 0, 100) == "GNUSparseFile.0/disk");
    CHECK(field(last_block(header), 124, 12) == "00000001000");
}

TEST_CASE("a device has its numbers and a link its target", "[export][header]") {
    const std::string device = pax_header({.type = EntryType::BlockDevice,
                                           .name = "d",
                                           .device_major = 259,
                                           .device_minor = 1048575});
    CHECK(device[156] == '4');
    CHECK(field(device, 329, 8) == "0000403");
    CHECK(field(device, 337, 8) == "3777777");
    const std::string link =
        pax_header({.type = EntryType::HardLink, .name = "b", .target = "./a"});
    CHECK(link[156] == '1');
    CHECK(field(link, 157, 100) == "./a");
}
