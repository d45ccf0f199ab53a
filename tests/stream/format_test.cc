// The table of formats.

#include "base/error.hh"
#include "stream/format.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::stream;

namespace {

std::string refusal(const Format& format, unsigned level) {
    try {
        check_level(format, level);
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::InvalidArgument);
        return error.what();
    }
    return "none";
}

} // namespace

TEST_CASE("a file name says how it is packed", "[stream][format]") {
    struct Row {
        const char* name;
        Codec codec;
    };
    for (const Row& row : {
             Row{"web.tar", Codec::Plain},
             Row{"web.tar.gz", Codec::Gzip},
             Row{"web.tgz", Codec::Gzip},
             Row{"web.tar.xz", Codec::Xz},
             Row{"web.txz", Codec::Xz},
             Row{"web.tar.zst", Codec::Zstd},
             Row{"web.tzst", Codec::Zstd},
             Row{"web.tar.bz2", Codec::Bzip2},
             Row{"web.tbz2", Codec::Bzip2},
             Row{"web.tbz", Codec::Bzip2},
             Row{"web.tar.lz4", Codec::Lz4},
             Row{"web.raw", Codec::Plain},
             Row{"web.raw.gz", Codec::Gzip},
             Row{"web.img", Codec::Plain},
             Row{"web", Codec::Plain},
             Row{"", Codec::Plain},
             Row{"gz", Codec::Plain},
             Row{"web.GZ", Codec::Plain},
         }) {
        INFO(row.name);
        CHECK(format_of_file(row.name).codec == row.codec);
    }
}

TEST_CASE("every format is found by its word and has one row", "[stream][format]") {
    for (const Format& format : formats()) {
        INFO(format.word);
        CHECK(find_format(format.word) == &format);
        CHECK(&format_of(format.codec) == &format);
    }
    CHECK(find_format("plain") == nullptr);
    CHECK(find_format("") == nullptr);
    CHECK(word(Codec::Plain) == "plain");
    CHECK(word(Codec::Bzip2) == "bzip2");
}

TEST_CASE("a level that a format does not have is refused with the range", "[stream][format]") {
    struct Row {
        Codec codec;
        unsigned highest;
    };
    for (const Row& row : {Row{Codec::Gzip, 9}, Row{Codec::Xz, 9}, Row{Codec::Zstd, 19},
                           Row{Codec::Bzip2, 9}, Row{Codec::Lz4, 12}}) {
        const Format& format = format_of(row.codec);
        INFO(format.word);
        CHECK_NOTHROW(check_level(format, 0));
        CHECK_NOTHROW(check_level(format, 1));
        CHECK_NOTHROW(check_level(format, row.highest));
        CHECK(refusal(format, row.highest + 1) ==
              fmt::format("level {} is none of {}; expected 1 to {}", row.highest + 1, format.word,
                          row.highest));
    }
    CHECK(refusal(format_of(Codec::Plain), 3) == "uncompressed has no levels; leave --level=3 out");
}
