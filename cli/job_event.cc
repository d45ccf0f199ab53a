// Unknown is what does not parse: a daemon that was upgraded while we waited may say more than we
// know, and the end of the job still comes.

#include "cli/job_event.hh"

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

using Json = nlohmann::json;
using transfer::JobState;

JobState state_after(const transfer::Ended& end) noexcept {
    switch (end.outcome) {
    case transfer::Outcome::Done:
        return JobState::Done;
    case transfer::Outcome::Canceled:
        return JobState::Canceled;
    case transfer::Outcome::Failed:
        break;
    }
    return JobState::Failed;
}

struct Apply {
    transfer::JobRecord& job;

    void operator()(const transfer::Started& start) const {
        job.state = JobState::Running;
        job.name = start.name.empty() ? job.name : start.name;
    }
    void operator()(const transfer::StageEntered& entered) const { job.stage = entered.stage; }
    void operator()(const transfer::Progress& progress) const {
        job.stage = progress.stage;
        job.progress = progress;
    }
    void operator()(const transfer::LogLine& /*line*/) const {}
    void operator()(const transfer::ProofSeen& /*proof*/) const {}
    void operator()(const transfer::Inspected& /*inspected*/) const {}
    void operator()(const transfer::DiskInspected& /*inspected*/) const {}
    void operator()(const transfer::Cleaned& /*cleaned*/) const {}
    void operator()(const transfer::VerdictReached& verdict) const { job.verdict = verdict; }
    void operator()(const transfer::Ended& end) const {
        job.state = state_after(end);
        job.end = end;
    }
    void operator()(const transfer::Event& event) const { std::visit(*this, event); }
    void operator()(const Enqueued& enqueued) const { job = enqueued.job; }
    void operator()(const Interrupted& /*interrupted*/) const {
        job.state = JobState::Queued;
        job.stage.clear();
        job.progress.reset();
    }
};

} // namespace

std::optional<JobEvent> parse_job_event(std::string_view json) {
    try {
        const Json object = Json::parse(json);
        const std::string event = object.at("event").get<std::string>();
        if (event == "queued") {
            return Enqueued{transfer::parse_job_record(object.at("job").dump())};
        }
        if (event == "interrupted") {
            return Interrupted{object.value("text", "")};
        }
        return transfer::parse_event(json);
    } catch (const Json::exception&) {
        return std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string to_json(const Interrupted& interrupted) {
    return Json{{"event", "interrupted"}, {"text", to_utf8(interrupted.text)}}.dump();
}

void apply(const JobEvent& event, transfer::JobRecord& job) {
    std::visit(Apply{job}, event);
}

const std::string& image_of(const transfer::JobRecord& job) noexcept {
    return job.name.empty() ? job.local : job.name;
}

} // namespace slipway::cli
