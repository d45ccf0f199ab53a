// Jobs as JSON: what is written is read again, member by member.

#include "base/error.hh"
#include "tests/catch.hh"
#include "transfer/job_record.hh"

using namespace slipway;
using namespace slipway::transfer;

namespace {

JobRecord ended_job() {
    JobRecord job{.number = 7,
                  .state = JobState::Failed,
                  .verb = "pull-tar",
                  .image_class = "machine",
                  .local = "web.tar.xz",
                  .name = "web",
                  .source = "https://h/web.tar.xz?token=…",
                  .verify = "signature",
                  .uid = 1000,
                  .queued_ms = 1'790'000'000'000,
                  .started_ms = 1'790'000'000'100,
                  .ended_ms = 1'790'000'000'200,
                  .attempts = 2};
    job.stage = "download";
    job.progress = Progress{"download", 25, 100, 5, std::nullopt, 60};
    job.verdict = VerdictReached{"verified", "signed by X", "7D8D", "sha256", "1f3a"};
    job.end = Ended{.outcome = Outcome::Failed, .status = 8, .kind = "network", .text = "cut"};
    return job;
}

} // namespace

TEST_CASE("a job comes back from its JSON as it was", "[transfer][job]") {
    const JobRecord job = ended_job();
    const JobRecord again = parse_job_record(to_json(job));
    CHECK(to_json(again) == to_json(job));
    CHECK(again.number == 7);
    CHECK(again.state == JobState::Failed);
    CHECK(again.local == "web.tar.xz");
    CHECK(again.uid == 1000);
    CHECK(again.ended_ms == 1'790'000'000'200);
    REQUIRE(again.end);
    CHECK(again.end->kind == "network");
    REQUIRE(again.verdict);
    CHECK(again.verdict->key == "7D8D");
    CHECK(parse_job_records(to_json(std::vector{job, job})).size() == 2);
}

TEST_CASE("what a queued job has not yet is not in its JSON", "[transfer][job]") {
    const std::string json = to_json(JobRecord{.number = 1, .verb = "import-tar"});
    for (const char* member : {"stage", "progress", "verdict", "end"}) {
        CHECK(json.find(std::string("\"") + member + "\"") == std::string::npos);
    }
    CHECK_FALSE(parse_job_record(json).end);
}

TEST_CASE("how far a job has come is known when the total is", "[transfer][job]") {
    JobRecord job = ended_job();
    CHECK(fraction(job) == 0.25);
    job.progress->total_bytes = 0;
    CHECK_FALSE(fraction(job));
    job.progress.reset();
    CHECK_FALSE(fraction(job));
}

TEST_CASE("what is no job is an error and not a crash", "[transfer][job]") {
    for (const char* text : {"", "[]", "{", "{\"job\": -1}", "{\"job\": 1, \"state\": \"odd\"}",
                             "{\"job\": 1, \"state\": \"done\", \"end\": {\"event\": \"log\"}}",
                             "{\"job\": 1, \"state\": \"done\", \"uid\": \"x\"}"}) {
        CHECK_THROWS_AS(parse_job_record(text), Error);
    }
    CHECK_THROWS_AS(parse_job_records("[1]"), Error);
}
