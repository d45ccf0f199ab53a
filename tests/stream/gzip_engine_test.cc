// Both engines for gzip, where both are there: a build uses one, but must not depend on which.

#include "stream/gzip_header.hh"
#include "stream/inflate.hh"
#include "tests/catch.hh"
#include "tests/stream/packed.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using MakeInflate = std::unique_ptr<stream::Inflate> (*)();

struct Engine {
    std::string name;
    MakeInflate make;
};

std::vector<Engine> engines() {
    return {
#ifdef SLIPWAY_HAVE_ISAL
        {"ISA-L", stream::isal::make_inflate},
#endif
#ifdef SLIPWAY_HAVE_ZLIB
        {"zlib", stream::zlib::make_inflate},
#endif
    };
}

std::string decode_by(const Engine& engine, const std::string& packed,
                      std::vector<std::size_t> pieces, std::size_t room_bytes) {
    TestSource in(packed, std::move(pieces));
    TestSink out(room_bytes);
    const auto decoder = stream::make_gzip_decoder(engine.make());
    stream::decode_with(*decoder, stream::Codec::Gzip, in, out);
    REQUIRE(out.finished());
    return out.text();
}

std::string refusal_by(const Engine& engine, const std::string& packed) {
    TestSource in(packed, {packed.size()});
    TestSink out;
    const auto decoder = stream::make_gzip_decoder(engine.make());
    try {
        stream::decode_with(*decoder, stream::Codec::Gzip, in, out);
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

const std::vector<std::string> kGzipLevels = {"-1", "-6", "-9"};

// A header with the optional parts of RFC 1952; `check` is the CRC-16 of all before it.
std::string header(std::string_view flags, std::string_view parts) {
    return "\x1f\x8b\x08" + std::string(flags) + std::string("\0\0\0\0\0\x03", 6) +
           std::string(parts);
}

std::string body_of(const std::string& packed) {
    return packed.substr(10); // gzip from standard input writes no optional part
}

} // namespace

TEST_CASE("every engine keeps the contract of a stage", "[stream][gzip]") {
    const std::string content = sample_text(40'000);
    for (const Engine& engine : engines()) {
        const Stage stage = [&engine](stream::Source& in, stream::Sink& out) {
            const auto decoder = stream::make_gzip_decoder(engine.make());
            stream::decode_with(*decoder, stream::Codec::Gzip, in, out);
        };
        for (const std::string& level : kGzipLevels) {
            check_stage_contract({.name = engine.name + " " + level,
                                  .stage = stage,
                                  .input = packed_by({"gzip", "-c", level}, content),
                                  .output = content,
                                  .has_end_mark = true});
        }
    }
}

TEST_CASE("a deflate stream that ends anywhere in a word leaves its trailer whole",
          "[stream][gzip]") {
    // Contents of many lengths end at every bit and byte of an engine's read-ahead, and the second
    // member shows whether a byte too many or too few was taken.
    for (std::size_t size = 0; size < 450; size += 3) {
        const std::string content = sample_text(size, static_cast<std::uint32_t>(size + 1));
        const std::string member = packed_by({"gzip", "-c"}, content);
        for (const Engine& engine : engines()) {
            INFO(engine.name << ", " << size << " bytes");
            for (const std::size_t room : {1, 5, 4096}) {
                REQUIRE(decode_by(engine, member + member, {1 << 20}, room) == content + content);
                REQUIRE(decode_by(engine, member + member, {1}, room) == content + content);
                REQUIRE(decode_by(engine, member + member, {member.size() - 8, 3}, room) ==
                        content + content);
            }
        }
    }
}

TEST_CASE("stored, fixed and dynamic blocks come out the same by every engine", "[stream][gzip]") {
    for (const std::string& content :
         {noise(200'000), std::string(500'000, 'a'), sample_text(200'000), std::string("abc")}) {
        for (const std::string& level : kGzipLevels) {
            const std::string packed = packed_by({"gzip", "-c", level}, content);
            for (const Engine& engine : engines()) {
                CHECK(decode_by(engine, packed, {256 * KiB}, 256 * KiB) == content);
                CHECK(decode_by(engine, packed, {999}, 1001) == content);
            }
        }
    }
}

TEST_CASE("the optional parts of a header are read over", "[stream][gzip]") {
    using namespace std::string_literals;
    const std::string body = body_of(packed_by({"gzip", "-c"}, "content"));
    for (const Engine& engine : engines()) {
        for (const std::string& head :
             {header("\x08", "name\0"s), header("\x10", "comment\0"s),
              header("\x18", "name\0comment\0"s), header("\x04", "\x03\0abc"s),
              header("\x04", "\0\0"s), header("\x1c", "\x01\0xname\0\0"s), header("\x01", ""s)}) {
            CHECK(decode_by(engine, head + body, {1}, 64) == "content");
            CHECK(decode_by(engine, head + body, {1000}, 64) == "content");
        }
    }
}

TEST_CASE("A2: the check of a header is made", "[stream][gzip]") {
    using namespace std::string_literals;
    const std::string body = body_of(packed_by({"gzip", "-c"}, "content"));
    const std::string head = header("\x0a", "name\0"s);
    // CRC-32 of these fifteen bytes is c0cf5c43, as python3's zlib.crc32 says.
    for (const Engine& engine : engines()) {
        CHECK(decode_by(engine, head + "\x43\x5c" + body, {1}, 64) == "content");
        CHECK(refusal_by(engine, head + "\x43\x5d" + body) ==
              "gzip data at offset 17, in member 1: the check of its header does not match");
    }
}

TEST_CASE("a header that says something unknown is refused", "[stream][gzip]") {
    using namespace std::string_literals;
    for (const Engine& engine : engines()) {
        CHECK(refusal_by(engine, "\x1f\x8b\x07\0\0\0\0\0\0\0"s) ==
              "gzip data at offset 3, in member 1: its compression method is 7 and not 8 "
              "(deflate)");
        CHECK(refusal_by(engine, "\x1f\x8b\x08\x40\0\0\0\0\0\0"s) ==
              "gzip data at offset 4, in member 1: its header has the reserved flags 0x40 set");
    }
}

TEST_CASE("invalid deflate data is refused by every engine", "[stream][gzip]") {
    using namespace std::string_literals;
    const std::string head = header("\0"s, "");
    for (const Engine& engine : engines()) {
        for (const std::string& body :
             {"\x07"s, "\x01\x01\0\0\0"s, "\x05\xff\xff\xff\xff\xff\xff"s,
              // fixed block: a match of length 3 and distance 1 before any byte
              "\x03\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s}) {
            INFO(engine.name);
            CHECK_THAT(refusal_by(engine, head + body + std::string(300, '\0')),
                       contains("gzip data at offset "));
        }
    }
}
