// Events out of a pipe: cut anywhere, damaged, endless.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/event_reader.hh"

using namespace slipway;
using transfer::EventReader;

namespace {

const std::string kLines = transfer::to_json(transfer::StageEntered{"download"}) + "\n" +
                           transfer::to_json(transfer::Progress{"download", 1, 2, 3, 4, 5}) + "\n" +
                           transfer::to_json(transfer::LogLine{transfer::LogLevel::Info, "ü"}) +
                           "\n";

void check_lines(const std::vector<transfer::Event>& events) {
    REQUIRE(events.size() == 3);
    CHECK(std::get<transfer::StageEntered>(events[0]).stage == "download");
    CHECK(std::get<transfer::Progress>(events[1]).total_bytes == 2);
    CHECK(std::get<transfer::LogLine>(events[2]).text == "ü");
}

} // namespace

TEST_CASE("events are read however the pipe cuts them", "[transfer][events]") {
    for (std::size_t cut = 0; cut <= kLines.size(); ++cut) {
        EventReader reader;
        std::vector<transfer::Event> events = reader.feed(kLines.substr(0, cut));
        for (transfer::Event& event : reader.feed(kLines.substr(cut))) {
            events.push_back(std::move(event));
        }
        check_lines(events);
    }
}

TEST_CASE("an unfinished line is no event", "[transfer][events]") {
    EventReader reader;
    CHECK(reader.feed(kLines.substr(0, 10)).empty());
}

TEST_CASE("K5: what is no event is refused and shown", "[transfer][events]") {
    for (const std::string line :
         {"garbage", "", "{}", "[1]", R"({"event":"unheard-of"})", "\x1b[31m\xff"}) {
        EventReader reader;
        CHECK_THROWS_WITH(reader.feed(line + "\n"), contains("slipway-transfer said '") &&
                                                        contains("which is no event of a job"));
    }
}

TEST_CASE("K5: a line without end does not fill the memory", "[transfer][events]") {
    EventReader reader;
    const std::string chunk(256 * 1024, 'x');
    const auto endless = [&] {
        for (int i = 0; i < 5; ++i) {
            reader.feed(chunk);
        }
    };
    CHECK_THROWS_WITH(endless(), contains("a line of more than 1048576 bytes"));
}
