// The lines of slipway-supervise, said and heard.

#include "base/error.hh"
#include "spawn/launch_event.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::spawn;

TEST_CASE("what a supervisor tells comes back as it was said", "[spawn]") {
    for (const LaunchEvent& event : std::vector<LaunchEvent>{
             Running{.leader = 7}, Ready{}, Failed{Kind::Busy, "machine 'web'\nruns\xff"},
             Ended{133, "gone\r\n"}}) {
        const std::string line = event_to_json(event);
        CHECK(line.find('\n') == line.npos);
        if (std::holds_alternative<Failed>(event)) {
            CHECK(std::get<Failed>(event_from_json(line)) ==
                  Failed{Kind::Busy, "machine 'web'\nruns\\xff"});
        } else {
            CHECK(event_from_json(line) == event);
        }
    }
    CHECK_THROWS_AS(event_from_json("hello"), Error);
    CHECK_THROWS_AS(event_from_json("{}"), Error);
}
