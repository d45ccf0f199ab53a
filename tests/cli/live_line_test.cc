// The live line at every width, and what it says when little is known.

#include "base/bytes.hh"
#include "cli/live_line.hh"
#include "cli/text_width.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::cli;

namespace {

LiveState downloading(std::string name = "web") {
    LiveState state;
    state.job.verb = "pull-tar";
    state.job.name = std::move(name);
    state.stage = "download";
    state.progress = {"download", 1288490188, 3006477107, 13'946'060, 0, 0};
    return state;
}

} // namespace

TEST_CASE("the line says how much, how fast, how long, what, and how to stop", "[cli][live]") {
    CHECK(live_line(downloading(), 100) ==
          "web: 42%  1.2G of 2.8G  13.3M/s  2min 3s left  downloading  (C-c cancels)");
}

TEST_CASE("what does not fit is left out from the right, and nothing is ever wider",
          "[cli][live]") {
    struct Case {
        std::size_t columns;
        std::string line;
    };
    const std::vector<Case> cases{
        {73, "web: 42%  1.2G of 2.8G  13.3M/s  2min 3s left  downloading  (C-c cancels)"},
        {72, "web: 42%  1.2G of 2.8G  13.3M/s  2min 3s left  downloading"},
        {57, "web: 42%  1.2G of 2.8G  13.3M/s  2min 3s left"},
        {44, "web: 42%  1.2G of 2.8G  13.3M/s"},
        {30, "web: 42%  1.2G of 2.8G"},
        {21, "web: 42%"},
        {8, "web: 42%"},
        {7, "web: 4…"},
        {1, "…"},
        {0, ""},
    };
    for (const Case& one : cases) {
        CHECK(live_line(downloading(), one.columns) == one.line);
    }
    for (std::size_t columns = 0; columns < 120; ++columns) {
        CHECK(text_width(live_line(downloading("日本の猫"), columns)) <= columns);
    }
}

TEST_CASE("S6: without a length the percentage is unknown, bytes and rate are shown",
          "[cli][live]") {
    LiveState state = downloading();
    state.progress.total_bytes = 0;
    CHECK(live_line(state, 100) == "web: unknown%  1.2G  13.3M/s  downloading  (C-c cancels)");
}

TEST_CASE("a length that was exceeded is not believed", "[cli][live]") {
    LiveState state = downloading();
    state.progress.total_bytes = state.progress.done_bytes - 1;
    CHECK(live_line(state, 100) == "web: unknown%  1.2G  13.3M/s  downloading  (C-c cancels)");
}

TEST_CASE("a stage without bytes has a word only", "[cli][live]") {
    LiveState state = downloading();
    const auto line = [&state](const char* stage) {
        state.stage = stage;
        return live_line(state, 100);
    };
    CHECK(line("") == "web: starting  (C-c cancels)");
    CHECK(line("verify") == "web: verifying  (C-c cancels)");
    CHECK(line("sync") == "web: writing to disk  (C-c cancels)");
    CHECK(line("commit") == "web: committing  (C-c cancels)");
    CHECK(line("remove") == "web: removing  (C-c cancels)");
    CHECK(line("polish\x1b[1m") == "web: polish\\x1b[1m  (C-c cancels)");
}

TEST_CASE("a stalled transfer shows no time left", "[cli][live]") {
    LiveState state = downloading();
    state.progress.rate = 0;
    CHECK(live_line(state, 100) == "web: 42%  1.2G of 2.8G  downloading  (C-c cancels)");
    state.progress.rate = 1;
    CHECK(time_left(state.progress).empty()); // decades
}

TEST_CASE("while it is being canceled the line says so", "[cli][live]") {
    LiveState state = downloading();
    state.canceling = true;
    CHECK(live_line(state, 100) == "web: canceling");
}

TEST_CASE("a name cannot colour the terminal", "[cli][live]") {
    CHECK(live_line(downloading("\x1b[31mred\n"), 24) == "\\x1b[31mred\\n: 42%");
}

TEST_CASE("percentages are rounded down: 100 % is all of it", "[cli][live]") {
    CHECK(percent({"download", 999, 1000, 0, 0, 0}) == "99%");
    CHECK(percent({"download", 1000, 1000, 0, 0, 0}) == "100%");
    CHECK(percent({"download", 0, 1000, 0, 0, 0}) == "0%");
    CHECK(percent({"download", ~0ULL - 1, ~0ULL, 0, 0, 0}) == "100%");
    CHECK(percent({"download", 5, 0, 0, 0, 0}).empty());
}
