// The small parts by themselves: names, raw headers, times, lists, budgets, signatures.

#include <limits>

#include "base/error.hh"
#include "pull/acl.hh"
#include "pull/budget.hh"
#include "pull/entry_name.hh"
#include "pull/header_feed.hh"
#include "pull/raw_header.hh"
#include "pull/what_is.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/pull/tar_maker.hh"

using namespace slipway;
using namespace slipway::pull;
using namespace slipway::tests;
using namespace std::literals;

TEST_CASE("an entry's name is a path beneath the root", "[pull]") {
    struct Case {
        const char* text;
        const char* path;
        const char* directory;
        const char* base;
    };
    for (const Case& one : std::initializer_list<Case>{{"a", "a", "", "a"},
                                                       {"a/b/c", "a/b/c", "a/b", "c"},
                                                       {"./a//b/./c/", "a/b/c", "a/b", "c"},
                                                       {"/a", "a", "", "a"},
                                                       {"///a/b", "a/b", "a", "b"},
                                                       {"...", "...", "", "..."},
                                                       {".a/..b", ".a/..b", ".a", "..b"},
                                                       {".", "", "", ""},
                                                       {"./", "", "", ""},
                                                       {"/", "", "", ""}}) {
        INFO(one.text);
        const EntryName name = EntryName::parse(one.text, 256);
        CHECK(name.path() == one.path);
        CHECK(name.directory() == one.directory);
        CHECK(name.base() == std::string(one.base));
        CHECK(name.is_root() == name.path().empty());
    }
    for (const std::string_view text : {"", "..", "a/..", "../a", "a/../b", "/../a"}) {
        INFO(text);
        CHECK_THROWS_AS(EntryName::parse(text, 256), Error);
    }
    CHECK_THROWS_AS(EntryName::parse("a\0b"sv, 256), Error);
    CHECK_THROWS_AS(EntryName::parse("a/b/c", 2), Error);
}

TEST_CASE("pax times are exact, before 1970 as well", "[pull]") {
    struct Case {
        const char* text;
        std::int64_t seconds;
        long nanoseconds;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"0", 0, 0},
             {"1234567890.123456789", 1234567890, 123456789},
             {"1.5", 1, 500'000'000},
             {"1.", 1, 0},
             {"1.0000000019", 1, 1},
             {"-1", -1, 0},
             {"-1.5", -2, 500'000'000},
             {"-0.25", -1, 750'000'000},
             {"-86400.75", -86401, 250'000'000},
             {"9223372036854775807", std::numeric_limits<std::int64_t>::max(), 0}}) {
        INFO(one.text);
        const timespec time = parse_pax_time(one.text);
        CHECK(time.tv_sec == one.seconds);
        CHECK(time.tv_nsec == one.nanoseconds);
    }
    for (const char* text : {"", "-", "--1", "+1", " 1", "1 ", "1.x", "x", "1e9", ".5",
                             "9223372036854775808", "0x10"}) {
        INFO(text);
        CHECK_THROWS_AS(parse_pax_time(text), Error);
    }
}

TEST_CASE("a raw header tells what the library does not", "[pull]") {
    const std::string records =
        "16 path=a\xe9\nb\n\n12 mtime=-1.5\n"; // wrong on purpose: see below
    std::string body = "13 path=a\xe9\nb\n14 mtime=-1.5\n26 GNU.sparse.name=sparse\n";
    std::string blocks = tar_header("PaxHeader", 'x', body.size()) + body;
    blocks.resize(1024);
    blocks += tar_header("short", '0', 0);
    const RawHeader header = parse_raw_header(as_bytes(blocks));
    CHECK(header.type == '0');
    CHECK(header.mode == 0644);
    CHECK(header.find("path") == "a\xe9\nb");
    CHECK(header.find("mtime") == "-1.5");
    CHECK(header.name() == "sparse");
    CHECK_FALSE(header.target());
    CHECK_FALSE(header.find("pat"));

    const std::string lies = "16 path=a\n";
    std::string wrong = tar_header("PaxHeader", 'x', lies.size()) + lies;
    wrong.resize(1024);
    CHECK_THROWS_AS(parse_raw_header(as_bytes(wrong + tar_header("short", '0', 0))), Error);
    CHECK_THROWS_AS(parse_raw_header(as_bytes(std::string(100, 'x'))), Error);
    CHECK_THROWS_AS(parse_raw_header({}), Error);
}

TEST_CASE("of two records of one key the last counts", "[pull]") {
    const std::string body = "10 path=a\n10 path=b\n";
    std::string blocks = tar_header("PaxHeader", 'x', body.size()) + body;
    blocks.resize(1024);
    blocks += tar_header("short", '0', 0);
    CHECK(parse_raw_header(as_bytes(blocks)).name() == "b");
}

TEST_CASE("the feed gives a header's blocks back, in whatever pieces they came", "[pull]") {
    std::string text(5000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(i % 251);
    }
    for (const std::size_t piece : {1U, 10U, 512U, 700U, 5000U}) {
        INFO(piece << " bytes at a time");
        stream::MemorySource source(as_bytes(text), piece);
        HeaderFeed feed(source);
        // Consumed up to 900, a header up to 2100 that was read in part before it was known as one.
        std::uint64_t consumed = 0;
        while (feed.read_bytes() < 1000) {
            feed.next(consumed);
            consumed = std::min<std::uint64_t>(900, feed.read_bytes());
        }
        feed.begin_header(900);
        while (feed.read_bytes() < 2100) {
            feed.next(900);
        }
        CHECK(as_text(feed.between(900, 2100)) == std::string_view(text).substr(900, 1200));
        feed.end_header();
        CHECK(as_text(feed.between(2100, feed.read_bytes())) ==
              std::string_view(text).substr(2100, feed.read_bytes() - 2100));
        while (!feed.next(feed.read_bytes()).empty()) {
        }
        CHECK(feed.ended());
        CHECK(feed.next(feed.read_bytes()).empty());
        CHECK(as_text(feed.head()) == text);
    }
}

TEST_CASE("an access control list is written as the kernel wants it, in its order", "[pull]") {
    const std::string value = encode_acl({{AclTag::Other, 4, 0},
                                          {AclTag::User, 6, 1001},
                                          {AclTag::User, 7, 1000},
                                          {AclTag::OwningUser, 7, 0},
                                          {AclTag::Mask, 7, 0},
                                          {AclTag::OwningGroup, 5, 0}});
    CHECK(value == "\x02\0\0\0"
                   "\x01\0\x07\0\xff\xff\xff\xff"
                   "\x02\0\x07\0\xe8\x03\0\0"
                   "\x02\0\x06\0\xe9\x03\0\0"
                   "\x04\0\x05\0\xff\xff\xff\xff"
                   "\x10\0\x07\0\xff\xff\xff\xff"
                   "\x20\0\x04\0\xff\xff\xff\xff"s);
}

TEST_CASE("a budget of 0 is the default", "[pull]") {
    const Budget budget = with_defaults({.entries = 7});
    CHECK(budget.entries == 7);
    CHECK(budget.size_bytes == 512 * GiB);
    CHECK(budget.ratio == 200);
    CHECK(budget.depth == 256);
    CHECK(budget.memory_bytes == 128 * MiB);
}

TEST_CASE("no number in a header makes a budget overflow", "[pull][hostile]") {
    constexpr std::uint64_t kHuge = std::numeric_limits<std::uint64_t>::max();
    BudgetMeter meter(with_defaults({}));
    meter.add_bytes(100);
    CHECK_THROWS_AS(meter.announce(kHuge), Error);
    CHECK_THROWS_AS(meter.add_bytes(kHuge), Error);
    CHECK(meter.size_bytes() == 100);
}

TEST_CASE("signatures are found at their places only", "[pull]") {
    CHECK_FALSE(what_is(as_bytes("")));
    CHECK_FALSE(what_is(as_bytes("Hello")));
    CHECK(what_is(as_bytes("QFI\xfb"sv))->family == Family::Disk);
    CHECK_FALSE(what_is(as_bytes(" QFI\xfb"sv)));
    CHECK(what_is(as_bytes("\xef\xbb\xbf\n <!doctype HTML>"sv))->family == Family::Page);
    CHECK(what_is(as_bytes("<?xml version=\"1.0\"?>"))->family == Family::Page);
    CHECK_FALSE(what_is(as_bytes("<htm")));
    const std::string btrfs = std::string(65600, '\0') + "_BHRfS_M";
    CHECK(what_is(as_bytes(btrfs))->what == "a btrfs file system");
    CHECK_FALSE(what_is(as_bytes(std::string_view(btrfs).substr(0, 65605))));
    const std::string boot = std::string(510, '\0') + "\x55\xaa";
    CHECK_FALSE(what_is(as_bytes(boot))->certain);
}

TEST_CASE("a tar header is known by its sum", "[pull]") {
    std::string header = tar_header("f", '0', 0);
    CHECK(is_tar_header(as_bytes(header)));
    header[3] = 'x';
    CHECK_FALSE(is_tar_header(as_bytes(header)));
    CHECK_FALSE(is_tar_header(as_bytes(std::string(512, '\0'))));
    CHECK_FALSE(is_tar_header(as_bytes(tar_header("f", '0', 0).substr(0, 511))));
}
