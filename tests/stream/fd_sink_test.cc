// Files, pipes and sockets as the end of a line.

#include <array>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "stream/fd_sink.hh"
#include "tests/catch.hh"
#include "tests/stream/streams.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 7000> buffer{};
    for (ssize_t size = 1; size > 0;) {
        size = ::read(fd, buffer.data(), buffer.size());
        text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
    }
    return text;
}

struct Ends {
    Fd reading;
    Fd writing;
};

Ends make_ends(const std::string& kind) {
    std::array<int, 2> ends{};
    if (kind == "socket") {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    } else {
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        if (kind == "non-blocking pipe") {
            REQUIRE(::fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
        }
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

const std::array kKinds{"pipe", "non-blocking pipe", "socket"};

} // namespace

TEST_CASE("a descriptor gets all bytes in order, small and large ones mixed", "[stream][fd-sink]") {
    const std::string large = noise(1 * MiB + 5);
    for (const std::string kind : kKinds) {
        INFO(kind);
        Ends ends = make_ends(kind);
        std::string found;
        std::jthread reader([&] { found = read_to_end(ends.reading.get()); });
        stream::FdSink sink(ends.writing.get(), "the output", {});
        sink.write(as_bytes("head"));
        sink.write(as_bytes(large));
        sink.write(as_bytes("tail"));
        sink.finish();
        ends.writing.reset();
        reader.join();
        CHECK(found == "head" + large + "tail");
    }
}

TEST_CASE("a reader that reads nothing does not hold a cancellation up", "[stream][fd-sink]") {
    for (const std::string kind : kKinds) {
        INFO(kind);
        const Ends ends = make_ends(kind);
        std::stop_source stop;
        std::exception_ptr failure;
        std::jthread writer([&] {
            try {
                stream::FdSink sink(ends.writing.get(), "the output", stop.get_token());
                sink.write(as_bytes(std::string(4 * MiB, 'x')));
            } catch (...) {
                failure = std::current_exception();
            }
        });
        std::array<char, 1> first{};
        REQUIRE(::read(ends.reading.get(), first.data(), 1) == 1); // it is at work
        stop.request_stop();
        writer.join();
        REQUIRE(failure);
        CHECK_THROWS_AS(std::rethrow_exception(failure), Canceled);
    }
}

TEST_CASE("a reader that went away is told in words", "[stream][fd-sink]") {
    ::signal(SIGPIPE, SIG_IGN);
    for (const std::string kind : kKinds) {
        INFO(kind);
        Ends ends = make_ends(kind);
        ends.reading.reset();
        stream::FdSink sink(ends.writing.get(), "the output", {});
        sink.write(as_bytes("x"));
        CHECK_THROWS_WITH(sink.finish(), "nobody reads the output any more");
    }
}

TEST_CASE("a full device is an error of its kind", "[stream][fd-sink]") {
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    REQUIRE(full);
    stream::FdSink sink(full.get(), "the output", {});
    Kind kind = Kind::Other;
    try {
        sink.write(as_bytes(std::string(1 * MiB, 'x')));
    } catch (const Error& error) {
        kind = error.kind();
    }
    CHECK(kind == Kind::NoSpace);
}

TEST_CASE("a file is written from where its descriptor stands", "[stream][fd-sink]") {
    const TempDir directory;
    write_file(directory / "file", "before");
    const Fd fd(::open((directory / "file").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    stream::FdSink sink(fd.get(), "the output", {});
    sink.write(as_bytes(" and after"));
    sink.finish();
    CHECK(read_file(directory / "file") == "before and after");
}
