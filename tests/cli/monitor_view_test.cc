// The monitor's table and its lines, without a daemon.

#include "base/json.hh"
#include "base/memfd.hh"
#include "cli/monitor_view.hh"
#include "tests/catch.hh"
#include "tests/cli/jobs.hh"

using namespace slipway;
using namespace slipway::tests;
using Words = std::vector<std::string>;
using cli::LiveJobs;
using nlohmann::json;

namespace {

LiveJobs three_jobs() {
    LiveJobs all{{7, queued_job(7, "db")}, {8, running_job(8)}, {9, running_job(9, "cache")}};
    all[8].stage = "download";
    all[8].progress = transfer::Progress{"download", 1 << 20, 1 << 21, 1 << 19, std::nullopt, 0};
    return all;
}

} // namespace

TEST_CASE("the table has those that run first, and fits the terminal", "[cli][monitor]") {
    CHECK(cli::monitor_lines(three_jobs(), 100, 10) ==
          Words{"8 web: 50%  1.0M of 2.0M  512.0K/s  2s left  downloading", "9 cache: starting",
                "7 db: queued"});
    CHECK(cli::monitor_lines(three_jobs(), 25, 2) ==
          Words{"8 web: 50%  1.0M of 2.0M", "… and 2 more"});
    CHECK(cli::monitor_lines(three_jobs(), 25, 1) == Words{"… and 3 more"});
    CHECK(cli::monitor_lines({}, 100, 10) == Words{"No transfers. C-c ends this."});
}

TEST_CASE("a line of JSON has the job's number and the event's members", "[cli][monitor]") {
    CHECK(cli::monitor_json(7, transfer::Event(transfer::StageEntered{"sync"})) ==
          R"({"job":7,"event":"stage","stage":"sync"})");
    CHECK(cli::monitor_json(7, cli::Interrupted{"x"}) ==
          R"({"job":7,"event":"interrupted","text":"x"})");
    const json queued = json::parse(cli::monitor_json(7, cli::Enqueued{queued_job(7)}));
    CHECK(queued["event"] == "queued");
    CHECK(queued["job"] == 7);
    CHECK(queued["state"] == "queued");
    const json present = json::parse(cli::present_json(running_job(8)));
    CHECK(present["event"] == "present");
    CHECK(present["job"] == 8);
    CHECK(present["verb"] == "pull-tar");
}

TEST_CASE("what stays is written above the table, which is drawn again", "[cli][monitor]") {
    const Fd file = make_memfd();
    cli::Console console{cli::Output(file.get()), cli::Output(file.get())};
    console.out_can_redraw = true;
    const auto view = make_monitor_view({}, console);
    const LiveJobs all{{9, running_job(9, "cache")}};
    view->changed(all);
    view->show(all.at(9), transfer::Event(transfer::LogLine{transfer::LogLevel::Warning, "odd"}),
               all);
    const transfer::JobRecord failed = ended_job(9, "no key");
    view->show(failed, transfer::Event(*failed.end), all);
    view->close();
    CHECK(read_all(file.get(), 10'000) ==
          "No transfers. C-c ends this.\n"
          "\x1b[1A\r\x1b[J9 cache: starting\n"
          "\x1b[1A\r\x1b[J9 cache: odd\n9 cache: starting\n"
          "\x1b[1A\r\x1b[J9 web: failed: no key\n9 cache: starting\n"
          "\x1b[1A\r\x1b[J");
}
