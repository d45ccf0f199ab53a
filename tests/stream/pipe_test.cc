// Two threads and a ring: bytes, the end, a failure, cancellation, and who is woken by what.

#include <future>
#include <thread>

#include "base/error.hh"
#include "stream/fd_stream.hh"
#include "stream/pipe.hh"
#include "tests/catch.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;
using stream::Pipe;

namespace {

constexpr std::size_t kChunk = 1000;

std::string read_all_of(stream::Source& source) {
    std::string text;
    for (Bytes bytes = source.next(); !bytes.empty(); bytes = source.next()) {
        text += as_text(bytes);
    }
    return text;
}

// A stage made of a pipe: one thread copies into it, this one copies out.
void through_pipe(stream::Source& in, stream::Sink& out) {
    Pipe pipe(4 * kChunk, {}, kChunk);
    std::jthread writer([&] {
        try {
            for (Bytes bytes = in.next(); !bytes.empty(); bytes = in.next()) {
                pipe.in().write(bytes);
            }
            pipe.in().finish();
        } catch (...) {
            pipe.fail(std::current_exception());
        }
    });
    try {
        for (Bytes bytes = pipe.out().next(); !bytes.empty(); bytes = pipe.out().next()) {
            out.write(bytes);
        }
        out.finish();
    } catch (...) {
        pipe.leave();
        throw;
    }
}

template <typename Work>
auto in_background(Work work) {
    return std::async(std::launch::async, std::move(work));
}

} // namespace

TEST_CASE("a pipe keeps the contract of a stage", "[stream][pipe]") {
    const std::string content = sample_text(20'000);
    check_stage_contract({.name = "pipe",
                          .stage = through_pipe,
                          .input = content,
                          .output = content,
                          .has_end_mark = false});
}

TEST_CASE("chunks are handed over when they are full, and at the end", "[stream][pipe]") {
    Pipe pipe(4 * kChunk, {}, kChunk);
    pipe.in().write(as_bytes(std::string(2 * kChunk + 10, 'x')));
    pipe.in().finish();
    CHECK(pipe.out().next().size() == kChunk);
    CHECK(pipe.out().next().size() == kChunk);
    CHECK(pipe.out().next().size() == 10);
    CHECK(pipe.out().next().empty());
    CHECK(pipe.out().next().empty());
}

TEST_CASE("a view stays as it is until the next one is asked for", "[stream][pipe]") {
    Pipe pipe(2 * kChunk, {}, kChunk);
    pipe.in().write(as_bytes(std::string(kChunk, 'a')));
    pipe.in().write(as_bytes(std::string(kChunk, 'b')));
    const Bytes first = pipe.out().next();
    auto writer = in_background([&] {
        pipe.in().write(as_bytes(std::string(kChunk, 'c'))); // waits for the first chunk
        pipe.in().finish();
    });
    CHECK(as_text(first) == std::string(kChunk, 'a'));
    CHECK(as_text(pipe.out().next()) == std::string(kChunk, 'b'));
    CHECK(as_text(pipe.out().next()) == std::string(kChunk, 'c'));
    CHECK(pipe.out().next().empty());
    writer.get();
}

TEST_CASE("a room that is asked for twice is the same room", "[stream][pipe]") {
    Pipe pipe(2 * kChunk, {}, kChunk);
    const auto room = pipe.in().room();
    CHECK(room.size() == kChunk);
    CHECK(pipe.in().room().data() == room.data());
    pipe.in().advance(0);
    CHECK(pipe.in().room().data() == room.data());
    pipe.in().advance(10);
    CHECK(pipe.in().room().data() == room.data() + 10);
}

TEST_CASE("a pipe holds as much as was said, and never less than two chunks", "[stream][pipe]") {
    Pipe pipe(1, {}, kChunk);
    pipe.in().write(as_bytes(std::string(2 * kChunk, 'x'))); // must not wait
    std::stop_source stop;
    Pipe large(10 * kChunk, stop.get_token(), kChunk);
    large.in().write(as_bytes(std::string(10 * kChunk, 'x')));
    auto beyond = in_background([&] { large.in().room(); });
    stop.request_stop();
    CHECK_THROWS_AS(beyond.get(), Canceled);
}

TEST_CASE("the reader gets all good bytes and then the writer's reason, once", "[stream][pipe]") {
    Pipe pipe(4 * kChunk, {}, kChunk);
    pipe.in().write(as_bytes(std::string(kChunk + 5, 'x')));
    pipe.fail(std::make_exception_ptr(Error(Kind::Network, "the line went dead")));
    CHECK(pipe.out().next().size() == kChunk);
    CHECK(pipe.out().next().size() == 5);
    CHECK_THROWS_WITH(pipe.out().next(), "the line went dead");
    CHECK_THROWS_AS(pipe.out().next(), Canceled);
}

TEST_CASE("a failure wakes a reader that waits", "[stream][pipe]") {
    Pipe pipe(4 * kChunk, {}, kChunk);
    auto reader = in_background([&] { return pipe.out().next().size(); });
    pipe.fail(std::make_exception_ptr(Error(Kind::Network, "the line went dead")));
    CHECK_THROWS_WITH(reader.get(), "the line went dead");
}

TEST_CASE("a failure behind the end is none", "[stream][pipe]") {
    Pipe pipe(4 * kChunk, {}, kChunk);
    pipe.in().finish();
    pipe.fail(std::make_exception_ptr(Canceled()));
    CHECK(pipe.out().next().empty());
}

TEST_CASE("a writer that waits is woken when the reader leaves", "[stream][pipe]") {
    Pipe pipe(2 * kChunk, {}, kChunk);
    auto writer = in_background([&] { pipe.in().write(as_bytes(std::string(9 * kChunk, 'x'))); });
    CHECK(pipe.out().next().size() == kChunk);
    pipe.leave();
    CHECK_THROWS_AS(writer.get(), Canceled);
    CHECK_THROWS_AS(pipe.in().room(), Canceled);
    CHECK_THROWS_AS(pipe.in().finish(), Canceled);
}

TEST_CASE("a stop wakes both ends", "[stream][pipe]") {
    std::stop_source stop;
    Pipe full(2 * kChunk, stop.get_token(), kChunk);
    Pipe empty(2 * kChunk, stop.get_token(), kChunk);
    auto writer = in_background([&] { full.in().write(as_bytes(std::string(9 * kChunk, 'x'))); });
    auto reader = in_background([&] { return empty.out().next().size(); });
    stop.request_stop();
    CHECK_THROWS_AS(writer.get(), Canceled);
    CHECK_THROWS_AS(reader.get(), Canceled);
    CHECK_THROWS_AS(full.out().next(), Canceled);
    CHECK_THROWS_AS(empty.in().room(), Canceled);
    Pipe late(2 * kChunk, stop.get_token(), kChunk);
    CHECK_THROWS_AS(late.in().room(), Canceled);
}

TEST_CASE("many chunks of odd sizes arrive in order", "[stream][pipe]") {
    const std::string content = sample_text(3'000'000);
    Pipe pipe(3 * kChunk, {}, kChunk);
    auto writer = in_background([&] {
        std::size_t at = 0;
        for (std::size_t size = 1; at < content.size(); size = size * 7 % 1999 + 1) {
            const std::size_t part = std::min(size, content.size() - at);
            pipe.in().write(as_bytes(content).subspan(at, part));
            at += part;
        }
        pipe.in().finish();
    });
    const std::string arrived = read_all_of(pipe.out());
    writer.get();
    CHECK(arrived == content);
}
