// Bytes that pass and are kept in a file as well.

#include <csignal>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memfd.hh"
#include "stream/keep_sink.hh"
#include "tests/catch.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

void carry(stream::Source& from, stream::Sink& to) {
    for (Bytes piece; !(piece = from.next()).empty();) {
        to.write(piece);
    }
    to.finish();
}

} // namespace

TEST_CASE("a kept stream keeps the promises of a stage, and the file holds every byte",
          "[stream]") {
    const std::string content = sample_text(20'000);
    check_stage_contract({.name = "keep",
                          .stage =
                              [](stream::Source& in, stream::Sink& out) {
                                  const Fd file = make_memfd();
                                  stream::KeepSink sink(out, file.duplicate());
                                  carry(in, sink);
                                  CHECK(sink.why().empty());
                                  CHECK(read_all(file.get(), 100'000) ==
                                        dynamic_cast<TestSink&>(out).text());
                              },
                          .input = content,
                          .output = content});
}

TEST_CASE("a file that cannot hold the stream is given up, and the stream goes on", "[stream]") {
    const std::string content = sample_text(300'000);
    TestSource in(content, {10'000});
    TestSink out;
    SECTION("full from the start") {
        stream::KeepSink sink(out, Fd(::open("/dev/full", O_WRONLY | O_CLOEXEC)));
        carry(in, sink);
        CHECK(sink.why() == "No space left on device");
    }
    SECTION("full after some bytes") {
        const Fd file = make_memfd();
        REQUIRE(::ftruncate(file.get(), 15'000) == 0);
        REQUIRE(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_GROW) == 0);
        stream::KeepSink sink(out, file.duplicate());
        carry(in, sink);
        CHECK(sink.why() == "Operation not permitted");
        std::string kept(10'000, '\0'); // the first piece, whole
        REQUIRE(::pread(file.get(), kept.data(), kept.size(), 0) == 10'000);
        CHECK((kept == content.substr(0, kept.size())));
    }
    CHECK(out.finished());
    CHECK((out.text() == content));
}
