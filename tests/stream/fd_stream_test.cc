// Descriptors and memory as sources and sinks.

#include <future>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"
#include "tests/stream/streams.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::pair<Fd, Fd> make_pipe(int flags = 0) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC | flags) == 0);
    return {Fd(ends[0]), Fd(ends[1])};
}

void write_text(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t size = ::write(fd, text.data(), text.size());
        if (size < 0 && errno == EAGAIN) {
            std::this_thread::yield();
            continue;
        }
        if (size < 0) {
            throw errno_error("cannot write");
        }
        text.remove_prefix(static_cast<std::size_t>(size));
    }
}

} // namespace

TEST_CASE("everything in a file is copied, and the sink is finished", "[stream][fd]") {
    const std::string content = sample_text(1'000'000);
    const Fd file = make_sealed_memfd(content);
    TestSink out;
    stream::copy_fd(file.get(), "a file", out, {});
    CHECK(out.text() == content);
    CHECK(out.finished());
}

TEST_CASE("everything in a pipe is copied, whether it blocks or not", "[stream][fd]") {
    const std::string content = sample_text(1'000'000);
    for (const int flags : {0, O_NONBLOCK}) {
        auto [reading, writing] = make_pipe(flags);
        auto writer = std::async(std::launch::async,
                                 [&, end = std::move(writing)] { write_text(end.get(), content); });
        std::stop_source stop;
        TestSink out(1000);
        // The lambda holds the writing end until the future is read.
        auto reader = std::async(std::launch::async, [&] {
            stream::copy_fd(reading.get(), "a pipe", out, stop.get_token());
        });
        writer.get();
        writer = {};
        reader.get();
        CHECK(out.text() == content);
        CHECK(out.finished());
    }
}

TEST_CASE("a silent peer does not hold a cancellation up", "[stream][fd]") {
    auto [reading, writing] = make_pipe();
    std::stop_source stop;
    TestSink out;
    auto reader = std::async(std::launch::async, [&] {
        stream::copy_fd(reading.get(), "a pipe", out, stop.get_token());
    });
    write_text(writing.get(), "some");
    stop.request_stop();
    CHECK_THROWS_AS(reader.get(), Canceled);
    CHECK(!out.finished());
}

TEST_CASE("an error of read(2) names what was read", "[stream][fd]") {
    const Fd directory(::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    TestSink out;
    CHECK_THROWS_WITH(stream::copy_fd(directory.get(), "the network", out, {}),
                      "cannot read from the network: Is a directory");
    CHECK(!out.finished());
}

TEST_CASE("a memory sink takes as much as its limit and no more", "[stream][fd]") {
    const std::string content = sample_text(10'000);
    stream::MemorySink exact(content.size());
    exact.write(as_bytes(content));
    exact.finish();
    CHECK(as_text(exact.bytes()) == content);
    CHECK(exact.finished());

    stream::MemorySink small(content.size() - 1);
    CHECK_THROWS_WITH(small.write(as_bytes(content)),
                      "more than 9.7K came where at most that much was expected");
    CHECK(!small.finished());

    stream::MemorySink none(0);
    none.advance(0);
    CHECK_THROWS_AS(none.write(as_bytes("x")), Error);
}

TEST_CASE("a memory source serves its bytes in pieces", "[stream][fd]") {
    stream::MemorySource source(as_bytes("abcdefg"), 3);
    CHECK(as_text(source.next()) == "abc");
    CHECK(as_text(source.next()) == "def");
    CHECK(as_text(source.next()) == "g");
    CHECK(source.next().empty());
    CHECK(source.next().empty());
}
