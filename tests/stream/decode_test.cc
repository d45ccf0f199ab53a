// Every codec against the tools that write it.

#include "stream/decode.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/stream/packed.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Codec;

namespace {

Stage decode_stage(unsigned threads) {
    return [threads](stream::Source& in, stream::Sink& out) {
        stream::DecodeLimits limits;
        limits.threads = threads;
        stream::decode(in, out, limits);
    };
}

} // namespace

TEST_CASE("every codec keeps the contract of a stage", "[stream][decode]") {
    const std::string content = sample_text(40'000);
    for (const Packer& packer : packers()) {
        for (const unsigned threads : {1U, 2U}) {
            if (threads > 1 && packer.codec != "xz") {
                continue;
            }
            check_stage_contract({.name = packer.name(),
                                  .stage = decode_stage(threads),
                                  .input = packed_by(packer.command, content),
                                  .output = content,
                                  .has_end_mark = true});
        }
    }
}

TEST_CASE("plain bytes keep the contract of a stage", "[stream][decode]") {
    const std::string content = sample_text(40'000);
    check_stage_contract({.name = "plain",
                          .stage = decode_stage(1),
                          .input = content,
                          .output = content,
                          .has_end_mark = false});
}

TEST_CASE("what was found says codec, members and sizes", "[stream][decode]") {
    const std::string content = sample_text(300'000);
    for (const Packer& packer : packers()) {
        INFO(packer.name());
        const std::string packed = packed_by(packer.command, content);
        const DecodedText decoded = decode_text(packed);
        CHECK(decoded.text == content);
        CHECK(word(decoded.found.codec) == packer.codec);
        CHECK(decoded.found.packed_bytes == packed.size());
        CHECK(decoded.found.unpacked_bytes == content.size());
        CHECK(decoded.found.garbage_bytes == 0);
        CHECK(decoded.found.members >= 1);
    }
}

TEST_CASE("a member of nothing is nothing", "[stream][decode]") {
    for (const Packer& packer : packers()) {
        INFO(packer.name());
        const DecodedText decoded = decode_text(packed_by(packer.command, ""));
        CHECK(decoded.text.empty());
        CHECK(word(decoded.found.codec) == packer.codec);
        CHECK(decoded.found.members == 1);
    }
}

TEST_CASE("sizes around the borders of chunks come out exactly", "[stream][decode]") {
    constexpr std::size_t kChunk = 256 * KiB;
    for (const std::size_t size : {kChunk - 1, kChunk, kChunk + 1, 4 * kChunk}) {
        const std::string content = sample_text(size);
        for (const char* codec : {"gzip", "xz", "zstd", "bzip2", "lz4"}) {
            INFO(codec << ", " << size << " bytes");
            TestSource in(packed_by(packer_of(codec).command, content), {kChunk});
            TestSink out(kChunk);
            stream::decode(in, out, {});
            CHECK(out.finished());
            CHECK(out.text() == content);
        }
    }
}

TEST_CASE("content that does not compress comes out exactly", "[stream][decode]") {
    const std::string content = noise(700'000);
    for (const Packer& packer : packers()) {
        INFO(packer.name());
        CHECK(decode_text(packed_by(packer.command, content)).text == content);
    }
}

TEST_CASE("the codec is found from the bytes", "[stream][decode]") {
    const auto detected = [](std::string_view start) {
        return stream::detect_codec(as_bytes(start));
    };
    using namespace std::string_view_literals;
    CHECK(detected(""sv) == Codec::Plain);
    CHECK(detected("\x1f"sv) == Codec::Plain);
    CHECK(detected("\x1f\x8b\x08\0\0\0"sv) == Codec::Gzip);
    CHECK(detected("\xfd"
                   "7zXZ\0"sv) == Codec::Xz);
    CHECK(detected("\xfd"
                   "7zXZ"sv) == Codec::Plain);
    CHECK(detected("\x28\xb5\x2f\xfd\0\0"sv) == Codec::Zstd);
    CHECK(detected("\x50\x2a\x4d\x18\0\0"sv) == Codec::Zstd);
    CHECK(detected("BZh91A"sv) == Codec::Bzip2);
    CHECK(detected("BZhell"sv) == Codec::Plain);
    CHECK(detected("\x04\x22\x4d\x18\0\0"sv) == Codec::Lz4);
    CHECK(detected("\x02\x21\x4c\x18\0\0"sv) == Codec::Lz4);
    CHECK(detected("etc/pa"sv) == Codec::Plain);
}

TEST_CASE("every codec has an engine with a version", "[stream][decode]") {
    CHECK_THAT(stream::gzip_engine(), contains("ISA-L 2.") || contains("zlib 1."));
    CHECK(stream::engine(Codec::Gzip) == stream::gzip_engine());
    CHECK_THAT(stream::engine(Codec::Xz), contains("liblzma 5."));
    CHECK_THAT(stream::engine(Codec::Zstd), contains("libzstd 1."));
    CHECK(stream::engine(Codec::Bzip2) == "libbz2 1.0.8");
    CHECK_THAT(stream::engine(Codec::Lz4), contains("liblz4 1."));
    CHECK(stream::engine(Codec::Plain) == "built in");
}
