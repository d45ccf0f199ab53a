// Readers that are slow, gone, or a full disk.

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hh"
#include "cli/output.hh"
#include "tests/catch.hh"

using namespace slipway;
using cli::Output;

namespace {

struct Pipe {
    Pipe() {
        ::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> ends{};
        REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
        read = Fd(ends[0]);
        write = Fd(ends[1]);
    }
    Fd read;
    Fd write;
};

std::string read_to_end(int fd) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; got > 0;) {
        got = ::read(fd, buffer.data(), buffer.size());
        text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    }
    return text;
}

} // namespace

TEST_CASE("K4: a reader that does not read holds nobody up", "[cli][output]") {
    Pipe pipe;
    Output output(pipe.write.get());
    std::string sent;
    for (int i = 0; i < 300; ++i) {
        const std::string line = std::to_string(i) + std::string(1000, 'x') + "\n";
        sent += line;
        output.add(line);
    }
    CHECK(output.pending());
    CHECK(output.backed_up());
    std::string got;
    std::jthread reader([&] { got = read_to_end(pipe.read.get()); });
    output.drain();
    CHECK_FALSE(output.pending());
    pipe.write.reset();
    reader.join();
    CHECK(got == sent); // in order, whole
    CHECK(output.error() == 0);
}

TEST_CASE("K4: waiting for a reader ends at the deadline", "[cli][output]") {
    Pipe pipe;
    Output output(pipe.write.get());
    output.add(std::string(1'000'000, 'x'));
    output.drain(std::chrono::steady_clock::now() + std::chrono::milliseconds(1));
    CHECK(output.pending());
}

TEST_CASE("K4: a reader that left, a full disk, a closed descriptor are remembered once",
          "[cli][output]") {
    Pipe pipe;
    pipe.read.reset();
    Output left(pipe.write.get());
    left.add("x");
    CHECK(left.error() == EPIPE);
    CHECK_FALSE(left.pending());
    left.add("y");
    CHECK_FALSE(left.pending());

    const Fd full_disk(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    Output full(full_disk.get());
    full.add("x");
    CHECK(full.error() == ENOSPC);

    Output closed(987);
    closed.add("x");
    CHECK(closed.error() == EBADF);
}
