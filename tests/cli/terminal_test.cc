// What a person sees on a terminal.

#include <csignal>

#include "tests/catch.hh"
#include "tests/cli/stand_in.hh"
#include "tests/cli/terminal.hh"

using namespace slipway;
using namespace slipway::tests;
using transfer::LogLevel;
using transfer::LogLine;

namespace {

const std::string kHalf = says(started_pull()) + says(transfer::StageEntered{"download"}) +
                          says(transfer::Progress{"download", 1 << 20, 1 << 21, 1 << 19, 0, 0});

} // namespace

TEST_CASE("one line is redrawn, what stays is above it, the end clears it", "[cli][terminal]") {
    const StandIn keeper(kHalf + kWaitForGo +
                         says(LogLine{LogLevel::Warning, "2 sockets skipped"}) + says(done_pull()));
    Terminal terminal(keeper.pull(), 100);
    CHECK_THAT(terminal.wait_for("(C-c cancels)\x1b[K"),
               Catch::Matchers::StartsWith("Pulling 'http://h/web.tar.xz', saving as 'web'.\r\n"
                                           "\rweb: starting  (C-c cancels)\x1b[K"));
    terminal.wait_until_printed(
        "50%  1.0M of 2.0M  512.0K/s  2s left  downloading  (C-c cancels)\x1b[K");
    keeper.go();
    CHECK(terminal.wait() == 0);
    CHECK_THAT(terminal.printed(), contains("\r\x1b[Kwarning: 2 sockets skipped\r\n\rweb: 50%"));
    CHECK_THAT(terminal.printed(),
               Catch::Matchers::EndsWith("\r\x1b[KCreated new local image 'web'.\r\n"
                                         "Operation completed successfully.\r\n"));
}

TEST_CASE("the line is cut to the terminal, and again when that has changed", "[cli][terminal]") {
    const StandIn keeper(kHalf + kWaitForGo + says(done_pull()));
    Terminal terminal(keeper.pull(), 50);
    terminal.wait_until_printed("\rweb: 50%  1.0M of 2.0M  512.0K/s  2s left\x1b[K");
    terminal.resize(25);
    CHECK(terminal.wait_for("\x1b[K") == "\rweb: 50%  1.0M of 2.0M\x1b[K");
    terminal.resize(120);
    CHECK(terminal.wait_for("\x1b[K") ==
          "\rweb: 50%  1.0M of 2.0M  512.0K/s  2s left  downloading  (C-c cancels)\x1b[K");
    keeper.go();
    CHECK(terminal.wait() == 0);
}

TEST_CASE("C-c at the keyboard cancels, says so, and is waited for", "[cli][terminal]") {
    const StandIn keeper(kHalf + kWaitForCancel + says(LogLine{LogLevel::Debug, ""}) + kWaitForGo +
                         says(canceled()));
    Terminal terminal(keeper.pull(), 100);
    terminal.wait_until_printed("50%");
    terminal.type("\x03");
    terminal.wait_until_printed("\rweb: canceling\x1b[K");
    keeper.go();
    CHECK(terminal.wait() == 130);
    CHECK_THAT(terminal.printed(),
               Catch::Matchers::EndsWith(
                   "\r\x1b[Kslipway: pulling 'web': canceled; nothing was stored\r\n"));
}

TEST_CASE("nothing is drawn before it is known what for", "[cli][terminal]") {
    const StandIn keeper(kTell + kWaitForGo + says(started_pull()) + says(done_pull()));
    Terminal terminal(keeper.pull(), 100);
    keeper.wait_until_told();
    terminal.resize(90);
    keeper.go();
    CHECK(terminal.wait() == 0);
    CHECK_THAT(terminal.printed(), Catch::Matchers::StartsWith("Pulling"));
}

TEST_CASE("an error stands on a line of its own", "[cli][terminal]") {
    const StandIn keeper(kHalf + says(failed(8, "pulling 'web': no route to h")));
    Terminal terminal(keeper.pull(), 100);
    CHECK(terminal.wait() == 8);
    CHECK_THAT(terminal.printed(),
               Catch::Matchers::EndsWith("\r\x1b[Kslipway: pulling 'web': no route to h\r\n"));
}

TEST_CASE("K4: a terminal that goes away cancels with 129", "[cli][terminal]") {
    const StandIn keeper(kHalf + kWaitForCancel + "echo >canceled\n" + says(canceled()));
    Terminal terminal(keeper.pull(), 100);
    terminal.wait_until_printed("50%");
    terminal.close();
    CHECK(terminal.wait() == 129);
    CHECK(std::filesystem::exists(keeper / "canceled"));
}

TEST_CASE("a terminal that cannot redraw, and --quiet, get no live line", "[cli][terminal]") {
    const StandIn keeper(kHalf + says(done_pull()));
    Terminal dumb(keeper.pull(), 100, "dumb");
    CHECK(dumb.wait() == 0);
    CHECK_THAT(dumb.printed(), !contains("\x1b"));
    Terminal quiet(keeper.pull({"--quiet"}), 100);
    CHECK(quiet.wait() == 0);
    CHECK(quiet.printed().empty());
}

TEST_CASE("an archive is not read from a keyboard", "[cli][terminal]") {
    Terminal terminal({program("slipway").string(), "import-tar", "-", "web"}, 100);
    CHECK(terminal.wait() == 2);
    CHECK_THAT(terminal.printed(), contains("standard input is a terminal"));
}

TEST_CASE("lists on a terminal have an underlined head, and indented JSON", "[cli][terminal]") {
    const TempDir pool;
    std::filesystem::create_directory(pool / "web");
    const std::string slipway = program("slipway").string();
    Terminal list({slipway, "list-images", "--pool", pool.path().string()}, 100);
    CHECK(list.wait() == 0);
    CHECK_THAT(list.printed(),
               Catch::Matchers::StartsWith("\x1b[4mNAME TYPE      RO USAGE CREATED"));
    Terminal json({slipway, "list-images", "-j", "--pool", pool.path().string()}, 100);
    CHECK(json.wait() == 0);
    CHECK_THAT(json.printed(),
               Catch::Matchers::StartsWith("[\r\n    {\r\n        \"name\": \"web\""));
}
