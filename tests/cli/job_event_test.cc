// What the daemon says, and what a job is afterwards.

#include "cli/job_event.hh"
#include "tests/catch.hh"
#include "tests/cli/jobs.hh"

using namespace slipway;
using namespace slipway::tests;
using cli::JobEvent;
using transfer::JobState;

TEST_CASE("the keeper's events and the daemon's two are read, others passed over", "[cli][event]") {
    const auto stage = cli::parse_job_event(R"({"event": "stage", "stage": "sync"})");
    REQUIRE(stage);
    CHECK(std::get<transfer::StageEntered>(std::get<transfer::Event>(*stage)).stage == "sync");
    const auto queued = cli::parse_job_event(R"({"event": "queued", "job": )" +
                                             transfer::to_json(queued_job(3)) + "}");
    REQUIRE(queued);
    CHECK(std::get<cli::Enqueued>(*queued).job.number == 3);
    const auto interrupted = cli::parse_job_event(to_json(cli::Interrupted{"the power went"}));
    REQUIRE(interrupted);
    CHECK(std::get<cli::Interrupted>(*interrupted).text == "the power went");
    for (const std::string odd : {R"({"event": "invented later"})", "{}", "[]", "", "garbage",
                                  R"({"event": "queued"})", R"({"event": 3})"}) {
        CHECK_FALSE(cli::parse_job_event(odd));
    }
}

TEST_CASE("a job is what its events make of it", "[cli][event]") {
    transfer::JobRecord job = queued_job(7, "");
    const auto after = [&job](const JobEvent& event) -> const transfer::JobRecord& {
        cli::apply(event, job);
        return job;
    };
    CHECK(after(transfer::Started{"", "pull-tar", "web", ""}).state == JobState::Running);
    CHECK(job.name == "web");
    CHECK(after(transfer::StageEntered{"verify"}).stage == "verify");
    const transfer::Progress progress{"download", 1, 2, 0, std::nullopt, 0};
    CHECK(after(progress).stage == "download");
    CHECK(after(transfer::LogLine{}).progress->done_bytes == 1);
    CHECK(after(transfer::VerdictReached{"verified", "", "", "", ""}).verdict->word == "verified");
    CHECK(after(cli::Interrupted{}).state == JobState::Queued);
    CHECK_FALSE(job.progress);
    CHECK(job.stage.empty());
    CHECK(after(cli::Enqueued{queued_job(7, "db")}).name == "db");
    for (const auto& [outcome, state] :
         {std::pair(transfer::Outcome::Done, JobState::Done),
          std::pair(transfer::Outcome::Failed, JobState::Failed),
          std::pair(transfer::Outcome::Canceled, JobState::Canceled)}) {
        transfer::Ended end;
        end.outcome = outcome;
        CHECK(after(end).state == state);
        CHECK(job.end->outcome == outcome);
    }
}
