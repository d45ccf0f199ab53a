// Sizes, durations, quoting, and the table of outcomes.

#include <set>

#include "base/error.hh"
#include "base/outcome.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace std::chrono_literals;

TEST_CASE("sizes are printed to base 1024 with one letter", "[size]") {
    CHECK(format_size(0) == "0B");
    CHECK(format_size(1023) == "1023B");
    CHECK(format_size(1024) == "1.0K");
    CHECK(format_size(1536) == "1.5K");
    CHECK(format_size(1288490188) == "1.2G");
    CHECK(format_size(~std::uint64_t{0}) == "15.9E");
}

TEST_CASE("sizes are read with and without a unit", "[size]") {
    CHECK(parse_size("1536") == 1536);
    CHECK(parse_size("1.5K") == 1536);
    CHECK(parse_size("20G") == 20ULL << 30);
    CHECK(parse_size("1MiB") == 1048576);
    CHECK(parse_size("1KB") == 1024);
    for (const char* bad : {"", "K", "-1", "1X", "1KK", "0x10", "16E", "1 K"}) {
        INFO(bad);
        CHECK_THROWS_AS(parse_size(bad), Error);
    }
}

TEST_CASE("durations are read and printed", "[size]") {
    CHECK(parse_duration("30") == 30s);
    CHECK(parse_duration("250ms") == 250ms);
    CHECK(parse_duration("1.5min") == 90s);
    CHECK_THROWS_AS(parse_duration("soon"), Error);
    CHECK_THROWS_AS(parse_duration("5 s"), Error);
    CHECK(format_duration(131s) == "2min 11s");
    CHECK(format_duration(45s) == "45s");
    CHECK(format_duration(350ms) == "350ms");
}

TEST_CASE("whole numbers, yes and no are read, and nothing else for them", "[scalar]") {
    CHECK(parse_count<unsigned>("4096") == 4096);
    for (const char* bad : {"", "-1", "+1", " 1", "1 ", "0x10", "4294967296"}) {
        INFO(bad);
        CHECK_THROWS_AS(parse_count<unsigned>(bad), Error);
    }
    CHECK(parse_truth("yes"));
    CHECK(parse_truth("on"));
    CHECK_FALSE(parse_truth("0"));
    CHECK_THROWS_AS(parse_truth(""), Error);
    CHECK_THROWS_AS(parse_truth("Yes"), Error);
}

TEST_CASE("text from outside can neither colour a terminal nor forge a line", "[quoted]") {
    CHECK(quoted("plain") == "'plain'");
    CHECK(quoted("a\nb\x1b[31m") == "'a\\nb\\x1b[31m'");
    CHECK(quoted("it's") == "'it\\'s'");
    CHECK(quoted("\xff\xfe") == "'\\xff\\xfe'");
    CHECK(quoted("grün") == "'grün'");
    CHECK(quoted("\xe2\x80\xae"
                 "evil") == "'\\xe2\\x80\\xaeevil'");
    CHECK(quoted("\xc2\x9b"
                 "31m") == "'\\xc2\\x9b31m'");
    CHECK(quoted(std::string(500, 'x'), 10) == "'xxxxxxxxxx…'");
    CHECK(to_utf8("a\xff\xc3\xa4") == "a\\xff\xc3\xa4");
}

TEST_CASE("an error carries its context in front and its kind along", "[error]") {
    try {
        try {
            errno = ENOSPC;
            throw errno_error("cannot write {}", quoted("x"));
        } catch (Error& error) {
            error.add_context("pulling {}", "y");
            throw;
        }
    } catch (const Error& error) {
        CHECK(std::string(error.what()) == "pulling y: cannot write 'x': No space left on device");
        CHECK(error.kind() == Kind::NoSpace);
        CHECK(error.status() == 7);
    }
    CHECK(Error(VerdictWord::DigestMismatch, "x").status() == 12);
    CHECK(Error(VerdictWord::Unavailable, "x").kind() == Kind::Network);
}

TEST_CASE("the table of outcomes has no word twice and no foreign status", "[outcome]") {
    std::set<std::string_view> words;
#define KIND(name, text, status, meaning)                                                          \
    CHECK(words.insert(word(Kind::name)).second);                                                  \
    CHECK(find_kind(word(Kind::name)) == Kind::name);                                              \
    CHECK((exit_status(Kind::name) >= 1 && exit_status(Kind::name) <= 15));
#define VERDICT(name, text, kind, status, bus_name, rank_)                                         \
    CHECK(words.insert(word(VerdictWord::name)).second);                                           \
    CHECK(find_verdict(word(VerdictWord::name)) == VerdictWord::name);
#include "base/outcome.def"
#undef KIND
#undef VERDICT
    CHECK_FALSE(find_kind("no such word"));
}
