// Stages on threads: who wins, who is stopped, what is said.

#include <latch>

#include "base/error.hh"
#include "stream/decode.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"
#include "stream/pipeline.hh"
#include "tests/catch.hh"
#include "tests/stream/packed.hh"
#include "tests/stream/streams.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Pipe;
using stream::Pipeline;

namespace {

void copy(stream::Source& from, stream::Sink& to) {
    for (Bytes bytes = from.next(); !bytes.empty(); bytes = from.next()) {
        to.write(bytes);
    }
    to.finish();
}

void wait_for_stop(const std::stop_token& stop) {
    std::latch stopped(1);
    const std::stop_callback on_stop(stop, [&] { stopped.count_down(); });
    stopped.wait();
    throw Canceled();
}

std::string failure_of(Pipeline& line) {
    try {
        line.wait();
    } catch (const Error& error) {
        return error.what();
    }
    return "none";
}

} // namespace

TEST_CASE("three stages carry a packed stream to its content", "[stream][pipeline]") {
    const std::string content = sample_text(2'000'000);
    const std::string packed = packed_by(packer_of("gzip").command, content);
    TestSource input(packed, {10'000, 1});
    stream::MemorySink output(4 * MiB);
    std::string digest;

    Pipeline line({});
    Pipe& packed_pipe = line.pipe(1 * MiB);
    Pipe& unpacked_pipe = line.pipe(1 * MiB);
    line.run("download", nullptr, &packed_pipe, [&](std::stop_token) {
        const auto algorithm = stream::Algorithm::Sha256;
        stream::DigestSink sink(packed_pipe.in(), {&algorithm, 1});
        copy(input, sink);
        digest = sink.digests().at(algorithm);
    });
    line.run("decompress", &packed_pipe, &unpacked_pipe,
             [&](std::stop_token) { stream::decode(packed_pipe.out(), unpacked_pipe.in(), {}); });
    line.run("unpack", &unpacked_pipe, nullptr,
             [&](std::stop_token) { copy(unpacked_pipe.out(), output); });
    line.wait();

    CHECK(as_text(output.bytes()) == content);
    CHECK(digest.substr(0, 64) + "  -\n" == packed_by({"sha256sum"}, packed));
}

TEST_CASE("the first failure wins, names its stage and stops the others", "[stream][pipeline]") {
    Pipeline line({});
    Pipe& pipe = line.pipe(1 * MiB);
    line.run("download", nullptr, &pipe, [&](std::stop_token) {
        for (;;) {
            pipe.in().write(as_bytes("more and more"));
        }
    });
    line.run("decompress", &pipe, nullptr, [&](std::stop_token) {
        pipe.out().next();
        throw Error(Kind::Corrupt, "it is damaged");
    });
    line.run("wait", nullptr, nullptr, wait_for_stop);
    CHECK(failure_of(line) == "decompress: it is damaged");
}

TEST_CASE("what stages throw when they are stopped is an echo and is dropped",
          "[stream][pipeline]") {
    Pipeline line({});
    line.run("first", nullptr, nullptr,
             [](std::stop_token) { throw Error(Kind::Network, "the line went dead"); });
    line.run("second", nullptr, nullptr, [](std::stop_token stop) {
        try {
            wait_for_stop(stop);
        } catch (const Canceled&) {
            throw Error(Kind::Other, "an echo");
        }
    });
    CHECK(failure_of(line) == "first: the line went dead");
}

TEST_CASE("a writer that fails stops a reader that waits", "[stream][pipeline]") {
    Pipeline line({});
    Pipe& pipe = line.pipe(1 * MiB);
    line.run("unpack", &pipe, nullptr, [&](std::stop_token) { pipe.out().next(); });
    line.run("download", nullptr, &pipe,
             [&](std::stop_token) { throw Error(Kind::Network, "the line went dead"); });
    CHECK(failure_of(line) == "download: the line went dead");
}

TEST_CASE("an exception that is not ours becomes an error with its stage", "[stream][pipeline]") {
    Pipeline line({});
    line.run("unpack", nullptr, nullptr, [](std::stop_token) { throw std::bad_alloc(); });
    CHECK(failure_of(line) == "unpack: std::bad_alloc");
}

TEST_CASE("a stop from outside cancels every stage", "[stream][pipeline]") {
    std::stop_source stop;
    Pipeline line(stop.get_token());
    Pipe& full = line.pipe(1);
    Pipe& empty = line.pipe(1);
    line.run("write", nullptr, &full, [&](std::stop_token) {
        for (;;) {
            full.in().write(as_bytes("more and more"));
        }
    });
    line.run("read", &empty, nullptr, [&](std::stop_token) { empty.out().next(); });
    line.run("wait", nullptr, nullptr, wait_for_stop);
    stop.request_stop();
    CHECK_THROWS_AS(line.wait(), Canceled);
}

TEST_CASE("a writer that ends without an end cancels its reader", "[stream][pipeline]") {
    Pipeline line({});
    Pipe& pipe = line.pipe(1 * MiB);
    line.run("write", nullptr, &pipe, [&](std::stop_token) { pipe.in().write(as_bytes("some")); });
    line.run("read", &pipe, nullptr, [&](std::stop_token) {
        while (!pipe.out().next().empty()) {
        }
    });
    CHECK_THROWS_AS(line.wait(), Canceled);
}

TEST_CASE("a reader that ends early cancels its writer", "[stream][pipeline]") {
    Pipeline line({});
    Pipe& pipe = line.pipe(1);
    line.run("write", nullptr, &pipe, [&](std::stop_token) {
        for (;;) {
            pipe.in().write(as_bytes("more and more"));
        }
    });
    line.run("read", &pipe, nullptr, [&](std::stop_token) { pipe.out().next(); });
    CHECK_THROWS_AS(line.wait(), Canceled);
}

TEST_CASE("a pipeline that is destroyed stops and joins its stages", "[stream][pipeline]") {
    Pipeline line({});
    Pipe& pipe = line.pipe(1 * MiB);
    line.run("read", &pipe, nullptr, [&](std::stop_token) { pipe.out().next(); });
    line.run("wait", nullptr, nullptr, wait_for_stop);
}
