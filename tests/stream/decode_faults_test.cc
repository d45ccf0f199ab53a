// Damaged, cut, concatenated and hostile input: the group A of the fault list that a codec can see.

#include "base/error.hh"
#include "stream/decode.hh"
#include "tests/catch.hh"
#include "tests/stream/packed.hh"
#include "tests/stream/streams.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Codec;

namespace {

constexpr std::size_t kLongestMagic = 6;

std::string pack(std::string_view codec, const std::string& content) {
    return packed_by(packer_of(codec).command, content);
}

std::string member_name(std::string_view codec) {
    if (codec == "gzip") {
        return "member";
    }
    return codec == "xz" || codec == "bzip2" ? "stream" : "frame";
}

const std::vector<std::string> kCodecs = {"gzip", "xz", "zstd", "bzip2", "lz4"};

} // namespace

TEST_CASE("A1: packed data cut at any byte is refused with codec and offset", "[stream][decode]") {
    for (const std::string& codec : kCodecs) {
        const std::string packed = pack(codec, sample_text(1500));
        for (std::size_t size = kLongestMagic; size < packed.size(); ++size) {
            const Refusal refusal = refusal_of(packed.substr(0, size));
            REQUIRE(refusal.message ==
                    fmt::format("{} data ends at offset {}, in the middle of {} 1", codec, size,
                                member_name(codec)));
            REQUIRE(refusal.kind == Kind::Corrupt);
            REQUIRE(!refusal.finished);
        }
    }
}

TEST_CASE("A1: a second member cut at any byte, its magic too, is refused", "[stream][decode]") {
    const std::string first = sample_text(800, 1);
    for (const std::string& codec : kCodecs) {
        const std::string one = pack(codec, first);
        const std::string two = pack(codec, sample_text(500, 2));
        for (std::size_t size = 1; size < two.size(); ++size) {
            const Refusal refusal = refusal_of(one + two.substr(0, size));
            REQUIRE(refusal.message ==
                    fmt::format("{} data ends at offset {}, in the middle of {} 2", codec,
                                one.size() + size, member_name(codec)));
            REQUIRE(refusal.text.starts_with(first));
        }
    }
}

TEST_CASE("A1: cut data with many blocks is refused, on one thread and on two",
          "[stream][decode]") {
    const std::string content = sample_text(600'000);
    const std::string packed = packed_by({"xz", "-c", "-0", "-T2", "--block-size=65536"}, content);
    for (const unsigned threads : {1U, 2U}) {
        stream::DecodeLimits limits;
        limits.threads = threads;
        for (std::size_t size = kLongestMagic; size < packed.size(); size += 997) {
            const Refusal refusal = refusal_of(packed.substr(0, size), limits);
            REQUIRE(refusal.message ==
                    fmt::format("xz data ends at offset {}, in the middle of stream 1", size));
            REQUIRE(content.starts_with(refusal.text));
        }
    }
}

TEST_CASE("A2: a changed bit anywhere is refused or changes nothing", "[stream][decode]") {
    const std::string content = sample_text(1500);
    for (const std::string& codec : kCodecs) {
        const std::string packed = pack(codec, content);
        std::size_t refused = 0;
        for (std::size_t at = kLongestMagic; at < packed.size(); ++at) {
            for (const int bit : {0, 3, 7}) {
                std::string damaged = packed;
                damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
                TestSource in(damaged, {damaged.size()});
                TestSink out;
                try {
                    stream::decode(in, out, {});
                    INFO(codec << ": bit " << bit << " of byte " << at);
                    REQUIRE(out.text() == content); // a time stamp, an operating system
                } catch (const Error& error) {
                    REQUIRE((error.kind() == Kind::Corrupt || error.kind() == Kind::Limit ||
                             error.kind() == Kind::Unsupported));
                    ++refused;
                }
            }
        }
        CHECK(refused > 2 * (packed.size() - kLongestMagic));
    }
}

TEST_CASE("A2: a wrong check or length in gzip's trailer is said", "[stream][decode]") {
    const std::string packed = pack("gzip", sample_text(1500));
    std::string wrong_check = packed;
    wrong_check[packed.size() - 8] = static_cast<char>(wrong_check[packed.size() - 8] ^ 1);
    const Refusal check = refusal_of(wrong_check);
    CHECK(check.kind == Kind::Corrupt);
    CHECK_THAT(check.message, contains(fmt::format("gzip data at offset {}, in member 1: its "
                                                   "CRC-32 is ",
                                                   packed.size())));
    CHECK_THAT(check.message, contains(", its trailer says "));

    std::string wrong_length = packed;
    wrong_length[packed.size() - 3] = static_cast<char>(wrong_length[packed.size() - 3] ^ 1);
    CHECK(refusal_of(wrong_length).message ==
          fmt::format("gzip data at offset {}, in member 1: its length is 1500 bytes (modulo "
                      "2^32), its trailer says {}",
                      packed.size(), 1500 ^ 256));
}

TEST_CASE("A2: damage behind the content, where an archive has ended long ago, is refused",
          "[stream][decode]") {
    const std::string content = sample_text(5000) + std::string(20'000, '\0');
    for (const std::string& codec : kCodecs) {
        std::string packed = pack(codec, content);
        packed[packed.size() - 3] = static_cast<char>(packed[packed.size() - 3] ^ 0x10);
        const Refusal refusal = refusal_of(packed);
        CHECK(refusal.kind == Kind::Corrupt);
        CHECK(!refusal.finished);
        CHECK_THAT(refusal.message, contains(codec + " data "));
    }
}

TEST_CASE("A3: members, frames and streams behind one another are one content",
          "[stream][decode]") {
    const std::string first = sample_text(70'000, 1);
    const std::string second = sample_text(90'000, 2);
    for (const Packer& packer : packers()) {
        INFO(packer.name());
        const std::string packed = packed_by(packer.command, first) +
                                   packed_by(packer.command, "") +
                                   packed_by(packer.command, second);
        const DecodedText decoded = decode_text(packed);
        CHECK(decoded.text == first + second);
        CHECK(decoded.found.members == 3);
        CHECK(decoded.found.packed_bytes == packed.size());
        CHECK(decoded.found.garbage_bytes == 0);
    }
}

TEST_CASE("A3: a thousand members are one content", "[stream][decode]") {
    for (const std::string& codec : kCodecs) {
        const std::string one = pack(codec, "line\n");
        std::string packed;
        std::string content;
        for (int i = 0; i < 1000; ++i) {
            packed += one;
            content += "line\n";
        }
        const DecodedText decoded = decode_text(packed);
        CHECK(decoded.text == content);
        CHECK(decoded.found.members == 1000);
    }
}

TEST_CASE("A3: skippable frames are skipped before, between and behind frames",
          "[stream][decode]") {
    const std::string content = sample_text(20'000);
    const std::string skip = skippable_frame(noise(3000));
    for (const std::string codec : {"zstd", "lz4"}) {
        const std::string packed = pack(codec, content);
        const std::string all = skip + skippable_frame("") + packed + skip + packed + skip;
        const DecodedText decoded = decode_text(all);
        CHECK(word(decoded.found.codec) == codec);
        CHECK(decoded.text == content + content);
        CHECK(decoded.found.members == 2);
        CHECK(decoded.found.garbage_bytes == 0);
        CHECK(decoded.found.packed_bytes == all.size());
    }
    CHECK(decode_text(skip).text.empty());
    CHECK(decode_text(skip).found.members == 0);
}

TEST_CASE("A3: a skippable frame cut at any byte is refused", "[stream][decode]") {
    const std::string packed = pack("zstd", "content");
    const std::string skip = skippable_frame("0123456789");
    for (std::size_t size = 4; size < skip.size(); ++size) {
        CHECK(refusal_of(packed + skip.substr(0, size)).message ==
              fmt::format("zstd data ends at offset {}, in the middle of a skippable frame",
                          packed.size() + size));
        CHECK(refusal_of(skip.substr(0, size)).kind == Kind::Corrupt);
    }
}

TEST_CASE("A3: xz streams with padding between them are one content", "[stream][decode]") {
    const std::string one = pack("xz", "one");
    const std::string two = pack("xz", "two");
    for (const std::size_t padding : {4, 8, 1024, 300'000}) {
        const DecodedText decoded = decode_text(one + std::string(padding, '\0') + two);
        CHECK(decoded.text == "onetwo");
        CHECK(decoded.found.members == 2);
    }
    CHECK(refusal_of(one + std::string(6, '\0') + two).message ==
          fmt::format("xz data at offset {}: 6 bytes of padding between two streams, which is not "
                      "a multiple of four",
                      one.size() + 6));
}

TEST_CASE("A4: an xz dictionary beyond the memory limit is refused with need and limit",
          "[stream][decode]") {
    const std::string packed =
        packed_by({"xz", "-c", "-T1", "--lzma2=preset=0,dict=64MiB"}, sample_text(1000));
    for (const unsigned threads : {1U, 2U}) {
        stream::DecodeLimits limits;
        limits.threads = threads;
        limits.memory_bytes = 20 * MiB;
        const Refusal refusal = refusal_of(packed, limits);
        CHECK(refusal.kind == Kind::Limit);
        CHECK_THAT(refusal.message, contains("it needs 64.") && contains("the limit is 20.0M"));
        limits.memory_bytes = 80 * MiB;
        CHECK(decode_text(packed, limits).text == sample_text(1000));
    }
}

TEST_CASE("A4: a zstd window beyond the memory limit is refused with need and limit",
          "[stream][decode]") {
    const std::string content = sample_text(1000);
    const std::string packed = packed_by({"zstd", "-q", "-c", "--long=28", "-"}, content);
    const Refusal refusal = refusal_of(packed);
    CHECK(refusal.kind == Kind::Limit);
    CHECK(refusal.message == "zstd data at offset 0, in frame 1: it needs a window of 256.0M in "
                             "memory, the limit is 160.0M");
    stream::DecodeLimits limits;
    limits.memory_bytes = 256 * MiB;
    CHECK(decode_text(packed, limits).text == content);
}

TEST_CASE("A4: the window of a frame of a single segment is its content", "[stream][decode]") {
    const std::string content = sample_text(300'000);
    const std::string packed =
        packed_by({"zstd", "-q", "-c", "--stream-size=300000", "-19"}, content);
    stream::DecodeLimits limits;
    limits.memory_bytes = 299'999;
    CHECK(refusal_of(packed, limits).kind == Kind::Limit);
    limits.memory_bytes = 1 * MiB;
    CHECK(decode_text(packed, limits).text == content);
}

TEST_CASE("A5: zeros behind the end are drained in silence", "[stream][decode]") {
    const std::string content = sample_text(3000);
    for (const std::string& codec : kCodecs) {
        for (const std::size_t padding : {1, 511, 600'000}) {
            const std::string packed = pack(codec, content) + std::string(padding, '\0');
            const DecodedText decoded = decode_text(packed);
            CHECK(decoded.text == content);
            CHECK(decoded.found.members == 1);
            CHECK(decoded.found.garbage_bytes == 0);
            CHECK(decoded.found.packed_bytes == packed.size());
        }
    }
}

TEST_CASE("A5: garbage behind the end is drained and counted and never content",
          "[stream][decode]") {
    const std::string content = sample_text(3000);
    for (const std::string& codec : kCodecs) {
        const std::string member = pack(codec, content);
        for (const std::string& garbage :
             {std::string("<html>"), std::string("x"), noise(600'000, 7)}) {
            const std::string packed = member + std::string(10, '\0') + garbage;
            const DecodedText decoded = decode_text(packed);
            CHECK(decoded.text == content);
            CHECK(decoded.found.garbage_bytes == garbage.size());
            CHECK(decoded.found.garbage_offset == member.size() + 10);
            CHECK(decoded.found.packed_bytes == packed.size());
        }
    }
}

TEST_CASE("A5: a member of another codec behind the end is garbage", "[stream][decode]") {
    const std::string packed = pack("gzip", "content");
    const std::string other = pack("xz", "other");
    const DecodedText decoded = decode_text(packed + other);
    CHECK(decoded.text == "content");
    CHECK(decoded.found.garbage_bytes == other.size());
    CHECK(decoded.found.garbage_offset == packed.size());
}

TEST_CASE("A6: content that ends early is the archive reader's to find: codecs pass it on",
          "[stream][decode]") {
    const std::string content = std::string(512, 'h') + sample_text(1024);
    for (const std::string& codec : kCodecs) {
        CHECK(decode_text(pack(codec, content)).text == content);
    }
    CHECK(decode_text(content).text == content);
}

TEST_CASE("lz4's legacy format is refused by name", "[stream][decode]") {
    const Refusal refusal = refusal_of(packed_by({"lz4", "-q", "-c", "-l"}, "content"));
    CHECK(refusal.kind == Kind::Unsupported);
    CHECK_THAT(refusal.message, contains("lz4's legacy format"));
}

TEST_CASE("a frame that needs a dictionary is refused", "[stream][decode]") {
    // magic, descriptor: single segment, one byte of dictionary id, one byte of content size
    const std::string packed = std::string("\x28\xb5\x2f\xfd\x21\x07\x01", 7) + "\x09\0\0x";
    const Refusal refusal = refusal_of(packed);
    CHECK_THAT(refusal.message, contains("ictionary"));
}

TEST_CASE("an integrity check that liblzma does not know is refused", "[stream][decode]") {
    std::string packed = pack("xz", "content");
    // Stream flags: check type 2 is reserved. The flags' CRC-32 (f9 ba … for it) is made right.
    packed[7] = 2;
    CHECK(refusal_of(packed).kind == Kind::Corrupt);
}
