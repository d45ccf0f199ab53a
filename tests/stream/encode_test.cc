// What is packed is unpacked by our decoder and by the format's own tool, whatever the level, and
// is the same however many threads made it.

#include <map>
#include <string>

#include "stream/encode.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/stream/stage_contract.hh"
#include "tests/stream/streams.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Row {
    stream::Codec codec;
    unsigned level;
};

std::string encode(const std::string& text, const Row& row, unsigned threads = 2) {
    stream::MemorySink out(~std::uint64_t{0} >> 1);
    const auto encoder =
        stream::make_encoder(out, {.codec = row.codec, .level = row.level, .threads = threads});
    encoder->write(as_bytes(text));
    encoder->finish();
    CHECK(out.finished());
    return std::string(as_text(out.bytes()));
}

// Zeros, text, noise and runs, across the borders of every format's blocks.
const std::string& mixture() {
    static const std::string text = sample_text(900'000, 7) + std::string(1 * MiB, '\0') +
                                    noise(300'017, 3) + std::string(100'001, 'a') +
                                    sample_text(2 * MiB + 1, 8);
    return text;
}

const std::vector<Row>& rows() {
    static const std::vector<Row> all{
        {stream::Codec::Plain, 0}, {stream::Codec::Gzip, 0},  {stream::Codec::Gzip, 1},
        {stream::Codec::Gzip, 2},  {stream::Codec::Gzip, 4},  {stream::Codec::Gzip, 6},
        {stream::Codec::Gzip, 9},  {stream::Codec::Xz, 1},    {stream::Codec::Zstd, 0},
        {stream::Codec::Zstd, 1},  {stream::Codec::Zstd, 12}, {stream::Codec::Bzip2, 0},
        {stream::Codec::Bzip2, 1}, {stream::Codec::Lz4, 0},   {stream::Codec::Lz4, 9},
    };
    return all;
}

const char* tool_for(stream::Codec codec) {
    switch (codec) {
    case stream::Codec::Gzip:
        return "gzip";
    case stream::Codec::Xz:
        return "xz";
    case stream::Codec::Zstd:
        return "zstd";
    case stream::Codec::Bzip2:
        return "bzip2";
    case stream::Codec::Lz4:
        return "lz4";
    default:
        return "cat";
    }
}

} // namespace

TEST_CASE("what is packed comes out of our decoder as one member", "[stream][encode]") {
    for (const Row& row : rows()) {
        for (const std::string& text : {std::string(), std::string("x"), mixture()}) {
            INFO(stream::word(row.codec)
                 << " level " << row.level << ", " << text.size() << " bytes");
            const DecodedText found = decode_text(encode(text, row));
            REQUIRE(found.text == text);
            CHECK(found.found.garbage_bytes == 0);
            if (row.codec != stream::Codec::Plain) {
                CHECK(found.found.codec == row.codec);
                CHECK(found.found.members == 1);
            }
        }
    }
}

TEST_CASE("what is packed comes out of the format's own tool", "[stream][encode]") {
    for (const Row& row : rows()) {
        if (row.codec == stream::Codec::Plain) {
            continue;
        }
        for (const std::string& text : {std::string(), std::string("x"), mixture()}) {
            INFO(stream::word(row.codec)
                 << " level " << row.level << ", " << text.size() << " bytes");
            RunOptions options;
            options.input = encode(text, row);
            const RunResult result = run({tool_for(row.codec), "-dc"}, options);
            INFO(result.err);
            REQUIRE(result.status == 0);
            REQUIRE(result.out == text);
        }
    }
}

TEST_CASE("the number of threads does not show in what is packed", "[stream][encode]") {
    for (const Row& row : rows()) {
        INFO(stream::word(row.codec) << " level " << row.level);
        const std::string one = encode(mixture(), row, 1);
        for (const unsigned threads : {2U, 5U}) {
            REQUIRE(encode(mixture(), row, threads) == one);
        }
    }
}

TEST_CASE("xz is cut into blocks that can be unpacked side by side", "[stream][encode]") {
    const std::string text = sample_text(25 * MiB);
    const std::string packed = encode(text, {stream::Codec::Xz, 1});
    CHECK(encode(text, {stream::Codec::Xz, 1}, 1) == packed);
    const TempDir directory;
    write_file(directory / "a.xz", packed);
    CHECK(
        run_ok({"xz", "--robot", "--list", (directory / "a.xz").string()}).find("\nfile\t1\t2\t") !=
        std::string::npos);
    CHECK(decode_text(packed).text == text);
}

TEST_CASE("an encoder keeps the promises of a stage", "[stream][encode]") {
    const std::string text = sample_text(9'000) + noise(3'000);
    for (const Row& row : rows()) {
        StageCase stage;
        stage.name = fmt::format("{} level {}", stream::word(row.codec), row.level);
        stage.stage = [&row](stream::Source& in, stream::Sink& out) {
            const auto encoder =
                stream::make_encoder(out, {.codec = row.codec, .level = row.level, .threads = 2});
            for (Bytes piece = in.next(); !piece.empty(); piece = in.next()) {
                encoder->write(piece);
            }
            encoder->finish();
        };
        stage.input = text;
        stage.output = encode(text, row);
        INFO("stage: " << stage.name);
        contract::any_cutting(stage);
        contract::next_sink_fails(stage);
        contract::destroyed_half_way(stage);
    }
}

TEST_CASE("a sink that fails between blocks ends the packing with its reason", "[stream][encode]") {
    for (const Row& row : rows()) {
        INFO(stream::word(row.codec) << " level " << row.level);
        TestSink out(64 * KiB);
        out.fail_at_call(5);
        const auto encoder =
            stream::make_encoder(out, {.codec = row.codec, .level = row.level, .threads = 2});
        CHECK_THROWS_AS(
            [&] {
                encoder->write(as_bytes(mixture()));
                encoder->finish();
            }(),
            SinkFailed);
        CHECK_FALSE(out.finished());
    }
}

TEST_CASE("a higher level packs harder", "[stream][encode]") {
    const std::string text = sample_text(1 * MiB);
    struct Pair {
        Row low;
        Row high;
    };
    for (const auto& [low, high] : {
             Pair{{stream::Codec::Gzip, 1}, {stream::Codec::Gzip, 9}},
             Pair{{stream::Codec::Zstd, 1}, {stream::Codec::Zstd, 15}},
             Pair{{stream::Codec::Lz4, 1}, {stream::Codec::Lz4, 12}},
         }) {
        INFO(stream::word(low.codec));
        CHECK(encode(text, high).size() < encode(text, low).size());
    }
}
