// Events as lines in a log: which are shown, and how often progress is.

#include "base/memfd.hh"
#include "cli/job_view.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace std::chrono_literals;
using cli::Output;
using transfer::LogLevel;
using transfer::LogLine;

namespace {

const transfer::Started kStart{"0123456789abcdef", "pull-tar", "web", "http://h/web.tar"};

// A job in plain lines, with a clock that the test sets.
struct PlainJob {
    explicit PlainJob(const cli::Options& options = {}) : view(make_job_view(options, console)) {}

    void show(const transfer::Event& event, std::chrono::milliseconds time) {
        view->show(event, cli::TimePoint(time));
    }
    std::string said() const { return read_all(file.get(), 10'000); }

    Fd file = make_memfd();
    cli::Console console{Output(file.get()), Output(file.get())};
    std::unique_ptr<cli::JobView> view;
};

transfer::Progress at_percent(std::uint64_t percent) {
    return {"download", percent * 1000, 100'000, 1000, 0, 0};
}

} // namespace

TEST_CASE("a log has progress every three seconds, and never before the first", "[cli][view]") {
    PlainJob job;
    job.show(kStart, 10'000ms);
    job.show(at_percent(1), 10'100ms);
    job.show(at_percent(2), 12'999ms);
    job.show(at_percent(3), 13'000ms);
    job.show(at_percent(4), 15'999ms);
    job.show(at_percent(5), 16'500ms);
    job.show(at_percent(6), 19'000ms);
    CHECK(job.said() == "Pulling 'http://h/web.tar', saving as 'web'.\n"
                        "Got 3% of http://h/web.tar. 1min 37s left at 1000B/s.\n"
                        "Got 5% of http://h/web.tar. 1min 35s left at 1000B/s.\n");
}

TEST_CASE("levels of a log are those that were asked for", "[cli][view]") {
    const auto said = [](const cli::Options& options) {
        PlainJob job(options);
        for (const LogLevel level :
             {LogLevel::Debug, LogLevel::Info, LogLevel::Notice, LogLevel::Warning}) {
            job.show(LogLine{level, "x"}, 0ms);
        }
        return job.said();
    };
    cli::Options options;
    CHECK(said(options) == "x\nx\nwarning: x\n");
    options.quiet = true;
    CHECK(said(options) == "warning: x\n");
    options.debug = true; // whoever looks for a reason wants all of it
    CHECK(said(options) == "x\nx\nx\nwarning: x\n");
}
