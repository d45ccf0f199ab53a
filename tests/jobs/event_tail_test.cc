// Events out of a file that grows, and of which what was heard is given back.

#include <fcntl.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "jobs/event_tail.hh"
#include "jobs/job_directory.hh"
#include "jobs/keeper_environment.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::jobs;
using namespace slipway::tests;

namespace {

std::string line(int number) {
    return transfer::to_json(
               transfer::LogLine{transfer::LogLevel::Info, "line " + std::to_string(number)}) +
           "\n";
}

std::vector<std::string> read_texts(EventTail& tail, std::optional<std::uint64_t> until = {}) {
    std::vector<std::string> texts;
    tail.read(
        [&texts](const transfer::Event& event) {
            texts.push_back(std::get<transfer::LogLine>(event).text);
        },
        until);
    return texts;
}

} // namespace

TEST_CASE("lines are told when they are whole, and once", "[jobs][events]") {
    TempDir directory;
    const auto path = directory / "events";
    const std::string two = line(1) + line(2);
    write_file(path, two.substr(0, two.size() - 5));
    EventTail tail(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    CHECK(read_texts(tail) == std::vector<std::string>{"line 1"});
    CHECK(tail.told_bytes() == line(1).size());
    write_file(path, two + line(3));
    CHECK(read_texts(tail) == std::vector<std::string>{"line 2", "line 3"});
    CHECK(read_texts(tail).empty());
    EventTail again(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    CHECK(read_texts(again, line(1).size()) == std::vector<std::string>{"line 1"});
    CHECK(read_texts(again) == std::vector<std::string>{"line 2", "line 3"});
}

TEST_CASE("what was given back is passed over, wherever the gap ends", "[jobs][events]") {
    TempDir directory;
    const JobDirectory job = JobDirectory::make(directory.path(), "0123456789abcdef", {});
    const Fd events = job.make_events();
    int last = 0;
    std::string all;
    while (all.size() < 400'000) {
        all += line(++last);
    }
    write_all(events.get(), all);
    const std::uint64_t to = GENERATE(131'072, 131'073, 200'000, 262'144);
    job.give_back(65'536, to);
    EventTail tail(job.open_events());
    const std::vector<std::string> texts = read_texts(tail);
    REQUIRE(texts.size() > 100);
    CHECK(texts.front() == "line 1");
    CHECK(texts.back() == "line " + std::to_string(last));
    CHECK(tail.told_bytes() == all.size());
    CHECK(read_file(directory / "jobs/0123456789abcdef/events").size() == all.size());
}

TEST_CASE("K5: nonsense in the file is an error once, and nothing behind it is read",
          "[jobs][events]") {
    TempDir directory;
    const auto path = directory / "events";
    write_file(path, line(1) + "nonsense\n" + line(2));
    EventTail tail(Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)));
    CHECK_THROWS_AS(read_texts(tail), Error);
    CHECK(read_texts(tail).empty());
}

TEST_CASE("a job's directory tells whether its keeper lives", "[jobs][events]") {
    TempDir directory;
    StoredJob stored;
    stored.record.number = 5;
    stored.request = "the request";
    const JobDirectory job = JobDirectory::make(directory.path(), "0123456789abcdef", stored);
    Fd events = job.make_events();
    const Fd reading = job.open_events();
    CHECK(JobDirectory::is_locked(reading.get()));
    events.reset();
    CHECK_FALSE(JobDirectory::is_locked(reading.get()));
    job.set_seen(1234);
    CHECK(job.seen() == 1234);
    const auto all = JobDirectory::find_all(directory.path());
    REQUIRE(all.size() == 1);
    REQUIRE(all.front().job());
    CHECK(all.front().job()->record.number == 5);
    CHECK(all.front().job()->request == "the request");
    JobDirectory::remove(directory.path(), "0123456789abcdef");
    CHECK(JobDirectory::find_all(directory.path()).empty());
}

TEST_CASE("keepers inherit no socket of the service manager and no bus", "[jobs][environment]") {
    const KeeperEnvironment split = split_environment(
        {"PATH=/bin", "NOTIFY_SOCKET=/run/n", "WATCHDOG_USEC=1", "DBUS_SYSTEM_BUS_ADDRESS=x",
         "http_proxy=http://p", "HTTPS_PROXY=http://q", "no_proxy=h", "HTTP_PROXY_X=1"});
    CHECK(split.common == std::vector<std::string>{"PATH=/bin", "HTTP_PROXY_X=1"});
    CHECK(split.proxies ==
          std::vector<std::string>{"http_proxy=http://p", "HTTPS_PROXY=http://q", "no_proxy=h"});
}
