// Events on their way to a reader that is slow, or gone.

#include <csignal>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hh"
#include "tests/catch.hh"
#include "transfer/event_writer.hh"

using namespace slipway;
using namespace slipway::transfer;
using namespace std::chrono_literals;

namespace {

struct PipeEnds {
    PipeEnds() {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        read.reset(ends[0]);
        write.reset(ends[1]);
        ::signal(SIGPIPE, SIG_IGN);
    }
    Fd read;
    Fd write;
};

std::string read_to_end(const Fd& fd) {
    std::string text;
    char part[4096];
    for (ssize_t got = 0; (got = ::read(fd.get(), part, sizeof part)) > 0;) {
        text.append(part, static_cast<std::size_t>(got));
    }
    return text;
}

std::vector<Event> events_of(const std::string& text) {
    std::vector<Event> events;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos;
         start = end + 1) {
        events.push_back(parse_event(text.substr(start, end - start)));
    }
    CHECK(start == text.size());
    return events;
}

LogLine long_line(char letter) {
    return {LogLevel::Info, std::string(30'000, letter)};
}

} // namespace

TEST_CASE("K4: a reader that is slow gets whole lines, and only the newest progress",
          "[transfer][events]") {
    PipeEnds ends;
    REQUIRE(::fcntl(ends.write.get(), F_SETPIPE_SZ, 4096) == 4096);
    EventWriter writer(ends.write.get());
    writer.put(long_line('a'));
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        writer.put(Progress{"download", i});
    }
    writer.put(long_line('b'));
    std::string text;
    std::jthread reader([&] { text = read_to_end(ends.read); });
    writer.drain({}, 0ms);
    ends.write.reset();
    reader.join();

    const std::vector<Event> events = events_of(text);
    REQUIRE(events.size() == 3);
    CHECK(std::get<LogLine>(events[0]).text == long_line('a').text);
    CHECK(std::get<Progress>(events[1]).done_bytes == 1000);
    CHECK(std::get<LogLine>(events[2]).text == long_line('b').text);
}

TEST_CASE("K4: lines that nobody reads do not pile up, and are counted", "[transfer][events]") {
    PipeEnds ends;
    EventWriter writer(ends.write.get());
    for (int i = 0; i < 100; ++i) {
        writer.put(long_line('x'));
    }
    writer.put(Ended{.outcome = Outcome::Done, .status = 0});
    std::string text;
    std::jthread reader([&] { text = read_to_end(ends.read); });
    writer.drain({}, 0ms);
    ends.write.reset();
    reader.join();

    const std::vector<Event> events = events_of(text);
    const std::size_t lines = events.size() - 2; // the line about the others, and the end
    CHECK(lines < 60);
    CHECK(std::get<LogLine>(events[lines]).text ==
          std::to_string(100 - lines) + " lines were left out, since nobody read them");
    CHECK(std::holds_alternative<Ended>(events.back()));
}

TEST_CASE("K4: a reader that is gone, a full disk and a closed descriptor disturb nothing",
          "[transfer][events]") {
    PipeEnds ends;
    ends.read.reset();
    const Fd full(::open("/dev/full", O_WRONLY | O_CLOEXEC));
    const int closed = Fd(::dup(full.get())).get();
    for (const int fd : {ends.write.get(), full.get(), closed}) {
        CAPTURE(fd);
        EventWriter writer(fd);
        writer.put(StageEntered{"sync"});
        writer.put(StageEntered{"commit"});
        writer.drain({}, 0ms);
        CHECK(writer.broken());
    }
}

TEST_CASE("K4: a reader that has stopped does not hold the end up once it was asked for",
          "[transfer][events]") {
    PipeEnds ends;
    EventWriter writer(ends.write.get());
    for (int i = 0; i < 10; ++i) {
        writer.put(long_line('x'));
    }
    std::stop_source stop;
    stop.request_stop();
    writer.drain(stop.get_token(), 10ms);
    CHECK_FALSE(writer.broken());
}
