// The sentences that machinectl prints, event by event. The clock is a number.

#include "importd/transfer_log.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::importd;
using transfer::JobRecord;
using transfer::Outcome;

namespace {

using Texts = std::vector<std::string>;

JobRecord job_of(const std::string& verb, const std::string& source) {
    JobRecord job;
    job.verb = verb;
    job.source = source;
    job.name = "web";
    return job;
}

// "6 text" of each line, after `ms` milliseconds of the test's clock.
Texts texts(TransferLog& log, const JobRecord& job, const transfer::Event& event, int ms = 0) {
    Texts lines;
    for (const LogMessage& line :
         log.lines(job, event, TransferLog::Time(std::chrono::milliseconds(ms)))) {
        lines.push_back(std::to_string(line.priority) + " " + line.text);
    }
    return lines;
}

transfer::Progress progress(const std::string& stage, std::uint64_t done, std::uint64_t total,
                            std::uint64_t rate = 0) {
    transfer::Progress event;
    event.stage = stage;
    event.done_bytes = done;
    event.total_bytes = total;
    event.rate = rate;
    return event;
}

constexpr std::uint64_t kMiB = 1024 * 1024;

} // namespace

TEST_CASE("each event of a transfer has the peer's sentences, or none", "[importd]") {
    const JobRecord pull = job_of("pull-tar", "http://h/web.tar");
    const JobRecord import = job_of("import-raw", "/srv/web.raw");
    struct Row {
        const JobRecord& job;
        transfer::Event event;
        Texts expected;
    };
    const std::vector<Row> rows{
        {pull, transfer::Started{}, {"6 Pulling 'http://h/web.tar', saving as 'web'."}},
        {import, transfer::Started{}, {"6 Importing '/srv/web.raw', saving as 'web'."}},
        {pull, transfer::StageEntered{"verify"}, {}},
        {pull, transfer::StageEntered{"commit"}, {}},
        {pull, transfer::LogLine{transfer::LogLevel::Debug, "a"}, {"7 a"}},
        {pull, transfer::LogLine{transfer::LogLevel::Info, "a"}, {"6 a"}},
        {pull, transfer::LogLine{transfer::LogLevel::Notice, "a"}, {"5 a"}},
        {pull, transfer::LogLine{transfer::LogLevel::Warning, "a"}, {"4 a"}},
        {pull, transfer::VerdictReached{"verified", "signed by X", "", "", ""}, {"6 signed by X"}},
        {pull,
         transfer::Ended{
             .outcome = Outcome::Done, .text = "stored", .name = "web", .siblings = {"web.nspawn"}},
         {"6 Created new local image 'web'.", "6 Created new settings file 'web.nspawn'.",
          "6 stored", "6 Operation completed successfully.", "6 Exiting."}},
        {pull,
         transfer::Ended{
             .outcome = Outcome::Done, .text = "stored", .name = "web", .siblings = {"web.verity"}},
         {"6 Created new local image 'web'.", "6 Created new file 'web.verity'.", "6 stored",
          "6 Operation completed successfully.", "6 Exiting."}},
        {import,
         transfer::Ended{.outcome = Outcome::Done, .text = "stored", .name = "web"},
         {"6 stored", "6 Operation completed successfully.", "6 Exiting."}},
        {pull,
         transfer::Ended{.outcome = Outcome::Failed, .text = "it broke"},
         {"3 it broke", "6 Exiting."}},
        {pull,
         transfer::Ended{.outcome = Outcome::Canceled},
         {"5 Transfer aborted.", "6 Exiting."}},
    };
    for (const Row& row : rows) {
        TransferLog log;
        CHECK(texts(log, row.job, row.event) == row.expected);
    }
}

TEST_CASE("a download says its size once and how far it is once a second", "[importd]") {
    const JobRecord job = job_of("pull-raw", "http://h/d.raw");
    TransferLog log;
    texts(log, job, transfer::Started{});
    texts(log, job, transfer::StageEntered{"download"});
    CHECK(texts(log, job, progress("download", 0, 500 * kMiB), 0) ==
          Texts{"6 Downloading 500.0M for http://h/d.raw.", "6 Got 0% of http://h/d.raw."});
    CHECK(texts(log, job, progress("download", 10 * kMiB, 500 * kMiB, kMiB), 900).empty());
    CHECK(texts(log, job, progress("download", 15 * kMiB, 500 * kMiB, 3 * kMiB + 400'000), 1000) ==
          Texts{"6 Got 3% of http://h/d.raw. 2min 23s left at 3.3M/s."});
    CHECK(texts(log, job, progress("download", 30 * kMiB, 500 * kMiB, kMiB), 1900).empty());
    CHECK(texts(log, job, progress("download", 15 * kMiB, 500 * kMiB, kMiB), 2100).empty());
    CHECK(texts(log, job, progress("download", 30 * kMiB, 500 * kMiB, 0), 2200) ==
          Texts{"6 Got 6% of http://h/d.raw."});
    CHECK(texts(log, job, transfer::StageEntered{"unpack"}, 2400).empty());
    CHECK(texts(log, job, progress("unpack", 500 * kMiB, 500 * kMiB), 2500) ==
          Texts{"6 Acquired 500.0M.", "6 Download of http://h/d.raw complete."});
    CHECK(texts(log, job, progress("unpack", 500 * kMiB, 500 * kMiB), 4000).empty());
}

TEST_CASE("a quick download, one of unknown length and an import say what they know", "[importd]") {
    const JobRecord pull = job_of("pull-tar", "http://h/d.tar");
    TransferLog quick;
    CHECK(texts(quick, pull, progress("unpack", kMiB, kMiB)) ==
          Texts{"6 Downloading 1.0M for http://h/d.tar.", "6 Acquired 1.0M.",
                "6 Download of http://h/d.tar complete."});
    TransferLog unknown;
    CHECK(texts(unknown, pull, progress("download", 7, 0), 0).empty());
    CHECK(texts(unknown, pull, progress("download", 7 * kMiB, 0, kMiB), 5000).empty());
    CHECK(texts(unknown, pull, progress("unpack", 7 * kMiB, 0), 6000).front() ==
          "6 Acquired 7.0M.");

    TransferLog other;
    const JobRecord import = job_of("import-tar", "/srv/d.tar");
    CHECK(texts(other, import, progress("unpack", 1, 10), 0) == Texts{"6 Imported 10%."});
    CHECK(texts(other, import, progress("unpack", 3, 10), 900).empty());
    CHECK(texts(other, import, progress("unpack", 5, 10), 1200) == Texts{"6 Imported 50%."});
}

TEST_CASE("a job that is taken up again says everything again", "[importd]") {
    const JobRecord job = job_of("pull-tar", "http://h/d.tar");
    TransferLog log;
    const Texts first = texts(log, job, progress("download", 5, 10));
    CHECK(texts(log, job, transfer::Started{}).size() == 1);
    CHECK(texts(log, job, progress("download", 5, 10)) == first);
}

TEST_CASE("text from outside cannot forge a line", "[importd]") {
    TransferLog log;
    JobRecord job = job_of("pull-tar", "http://h/a\nb");
    CHECK(texts(log, job, transfer::Started{}) ==
          Texts{"6 Pulling 'http://h/a\\nb', saving as 'web'."});
}
