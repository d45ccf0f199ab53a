// One job's events, once each and in order, whatever way they come.

#include "cli/job_watch.hh"
#include "tests/catch.hh"
#include "tests/cli/jobs.hh"

using namespace slipway;
using namespace slipway::tests;
using Words = std::vector<std::string>;

namespace {

// Names what it is shown.
class Names final : public cli::JobView {
public:
    void show(const transfer::Event& event, cli::TimePoint /*now*/) override {
        const std::string json = transfer::to_json(event);
        shown.push_back(
            json.substr(json.find("\"event\":") + 9,
                        json.find('"', json.find("\"event\":") + 9) - json.find("\"event\":") - 9));
        if (const auto* start = std::get_if<transfer::Started>(&event)) {
            source = start->source;
        }
    }
    void show(const cli::Enqueued& /*enqueued*/, cli::TimePoint /*now*/) override {
        shown.emplace_back("queued");
    }
    void show(const cli::Interrupted& /*interrupted*/, cli::TimePoint /*now*/) override {
        shown.emplace_back("interrupted");
    }
    Words shown;
    std::string source;
};

struct Watched {
    void hear(const cli::JobEvent& event) { watch.hear(event, {}); }
    void found(const transfer::JobRecord& job) { watch.found(job, {}); }
    Names names;
    cli::JobWatch watch{names, "web", "/srv/web.tar"};
};

const transfer::Started kStart{"", "import-tar", "web", "-"};

} // namespace

TEST_CASE("a job that is heard from start to end is shown so", "[cli][watch]") {
    Watched job;
    job.hear(cli::Enqueued{queued_job(7)});
    job.hear(kStart);
    job.hear(transfer::StageEntered{"unpack"});
    CHECK_FALSE(job.watch.ended());
    job.hear(*ended_job(7).end);
    CHECK(job.watch.ended());
    CHECK(job.names.shown == Words{"queued", "start", "stage", "end"});
    CHECK(job.names.source == "/srv/web.tar"); // the keeper knew a descriptor
}

TEST_CASE("what was missed is made up for, what is known is not told again", "[cli][watch]") {
    transfer::JobRecord found = running_job(7);
    found.stage = "download";
    found.verdict = transfer::VerdictReached{};
    Watched job;
    SECTION("all of it") {
        job.found(found);
        CHECK(job.names.shown == Words{"start", "verdict", "stage"});
    }
    SECTION("nothing") {
        job.hear(kStart);
        job.hear(transfer::VerdictReached{});
        job.hear(transfer::StageEntered{"download"});
        job.found(found);
        CHECK(job.names.shown == Words{"start", "verdict", "stage"});
    }
    SECTION("the end, once") {
        found.end = ended_job(7).end;
        job.hear(kStart);
        job.found(found);
        job.hear(*found.end);
        job.found(found);
        CHECK(job.names.shown == Words{"start", "verdict", "stage", "end"});
    }
}

TEST_CASE("a job that still waits has not started", "[cli][watch]") {
    Watched job;
    job.hear(cli::Enqueued{queued_job(7)});
    job.found(queued_job(7));
    job.hear(cli::Enqueued{queued_job(7)}); // of a daemon that was started again
    CHECK(job.names.shown == Words{"queued"});
}

TEST_CASE("an interrupted job starts again", "[cli][watch]") {
    Watched job;
    job.hear(kStart);
    job.hear(cli::Interrupted{"the power went"});
    job.hear(kStart);
    job.hear(transfer::StageEntered{"unpack"});
    CHECK(job.names.shown == Words{"start", "interrupted", "start", "stage"});
}
