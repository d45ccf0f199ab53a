// Bytes that pass and go to a second reader as well.

#include <csignal>
#include <future>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "stream/copy_sink.hh"
#include "tests/catch.hh"
#include "tests/stream/stage_contract.hh"

using namespace slipway;
using namespace slipway::tests;
using namespace std::chrono_literals;

namespace {

// Ignores SIGPIPE as the program does.
struct Pipe {
    Fd out;
    Fd in;

    Pipe() {
        ::signal(SIGPIPE, SIG_IGN);
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        out.reset(ends[0]);
        in.reset(ends[1]);
    }
    ~Pipe() { ::signal(SIGPIPE, SIG_DFL); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    std::string read_all() const {
        std::string text(1 << 16, '\0');
        std::string all;
        for (ssize_t got = 0; (got = ::read(out.get(), text.data(), text.size())) > 0;) {
            all.append(text.data(), static_cast<std::size_t>(got));
        }
        return all;
    }
};

void carry(stream::Source& from, stream::Sink& to) {
    for (Bytes piece; !(piece = from.next()).empty();) {
        to.write(piece);
    }
    to.finish();
}

} // namespace

TEST_CASE("a copied stream keeps the promises of a stage, and its reader gets every byte",
          "[stream]") {
    const std::string content = sample_text(20'000);
    check_stage_contract({.name = "copy",
                          .stage =
                              [](stream::Source& in, stream::Sink& out) {
                                  Pipe pipe;
                                  stream::CopySink sink(out, std::move(pipe.in), {});
                                  carry(in, sink);
                                  auto& sent = dynamic_cast<TestSink&>(out);
                                  CHECK(pipe.read_all() == sent.text());
                              },
                          .input = content,
                          .output = content});
}

TEST_CASE("a slow reader of the copy gets everything, and one that goes away stops nothing",
          "[stream]") {
    const std::string content = sample_text(3'000'000);
    Pipe pipe;
    TestSource in(content, {100'000});
    TestSink out;
    stream::CopySink sink(out, std::move(pipe.in), {});
    SECTION("slow") {
        auto reading = std::async(std::launch::async, [&] { return pipe.read_all(); });
        carry(in, sink);
        CHECK((reading.get() == content));
    }
    SECTION("gone from the start") {
        pipe.out.reset();
        carry(in, sink);
    }
    SECTION("gone after some bytes") {
        auto reading = std::async(std::launch::async, [&] {
            char byte = 0;
            const bool read = ::read(pipe.out.get(), &byte, 1) == 1;
            pipe.out.reset();
            return read;
        });
        carry(in, sink);
        CHECK(reading.get());
    }
    CHECK(out.finished());
    CHECK((out.text() == content));
}

TEST_CASE("a stop ends the waiting for a reader of the copy that stalls", "[stream]") {
    Pipe pipe;
    TestSource in(sample_text(1'000'000), {100'000});
    TestSink out;
    std::stop_source stop;
    stream::CopySink sink(out, std::move(pipe.in), stop.get_token());
    const std::jthread stopper([&stop] {
        std::this_thread::sleep_for(20ms);
        stop.request_stop();
    });
    CHECK_THROWS_AS(carry(in, sink), Canceled);
    CHECK_FALSE(out.finished());
}

TEST_CASE("a stream that is diverted after a stop leaves no gap in the copy", "[stream]") {
    const std::string content = sample_text(1'000'000);
    Pipe pipe;
    TestSource in(content, {100'000});
    TestSink first(200'000);
    TestSink second;
    std::stop_source stop;
    stream::CopySink sink(first, std::move(pipe.in), stop.get_token());
    const Bytes whole = as_bytes(content);
    const auto room = sink.room();
    REQUIRE(room.size() >= 100'000); // more than the pipe holds
    std::copy_n(whole.begin(), 100'000, room.begin());
    stop.request_stop();
    CHECK_THROWS_AS(sink.advance(100'000), Canceled);
    auto reading = std::async(std::launch::async, [&] { return pipe.read_all(); });
    sink.divert(second, {});
    sink.write(whole.subspan(100'000));
    sink.finish();
    CHECK((reading.get() == content));
    CHECK((second.text() == content.substr(100'000)));
}
