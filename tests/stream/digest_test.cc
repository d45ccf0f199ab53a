// Digests against what coreutils compute.

#include "base/error.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/stream/packed.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Algorithm;
using stream::Digest;

namespace {

constexpr std::array kAll = {Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512,
                             Algorithm::Blake2b};

// The tool's first word.
std::string computed_by(Algorithm algorithm, const std::string& content) {
    const std::string tool =
        algorithm == Algorithm::Blake2b ? "b2sum" : std::string(word(algorithm)) + "sum";
    const std::string line = packed_by({tool}, content);
    return line.substr(0, line.find(' '));
}

} // namespace

TEST_CASE("digests are those of sha256sum, sha384sum, sha512sum and b2sum", "[stream][digest]") {
    stream::load_digests();
    for (const Algorithm algorithm : kAll) {
        for (const std::size_t size : {0, 1, 63, 64, 127, 128, 1'000'000}) {
            INFO(word(algorithm) << " of " << size << " bytes");
            const std::string content = noise(size);
            Digest whole(algorithm);
            whole.update(as_bytes(content));
            const std::string digest = whole.finish();
            CHECK(digest == computed_by(algorithm, content));
            CHECK(digest.size() == hex_length(algorithm));
        }
    }
}

TEST_CASE("a digest sink computes several digests of what passes", "[stream][digest]") {
    const std::string content = sample_text(300'000);
    TestSink out(1000);
    stream::DigestSink digests(out, kAll);
    digests.write(as_bytes(content));
    digests.advance(0);
    digests.finish();
    CHECK(out.text() == content);
    CHECK(out.finished());
    CHECK(digests.size_bytes() == content.size());
    CHECK(digests.digests().size() == kAll.size());
    for (const auto& [algorithm, digest] : digests.digests()) {
        CHECK(digest == computed_by(algorithm, content));
    }
}

TEST_CASE("a digest sink keeps the contract of a stage", "[stream][digest]") {
    const std::string content = sample_text(20'000);
    const auto stage = [](stream::Source& in, stream::Sink& out) {
        stream::DigestSink digests(out, kAll);
        for (Bytes bytes = in.next(); !bytes.empty(); bytes = in.next()) {
            digests.write(bytes);
        }
        digests.finish();
    };
    check_stage_contract({.name = "digest",
                          .stage = stage,
                          .input = content,
                          .output = content,
                          .has_end_mark = false});
}

TEST_CASE("an algorithm has a word, a name for people and a length", "[stream][digest]") {
    for (const Algorithm algorithm : kAll) {
        CHECK(stream::find_algorithm(word(algorithm)) == algorithm);
    }
    CHECK(stream::find_algorithm("sha1") == std::nullopt);
    CHECK(stream::find_algorithm("SHA256") == std::nullopt);
    CHECK(display_name(Algorithm::Sha256) == "SHA-256");
    CHECK(display_name(Algorithm::Blake2b) == "BLAKE2b");
    CHECK(hex_length(Algorithm::Sha384) == 96);
}
