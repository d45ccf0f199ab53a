// Jobs as JSON. The events in them are written and read by transfer/event.cc.

#include "transfer/job_record.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::pair<JobState, std::string_view>, 5> kStates{{
    {JobState::Queued, "queued"},
    {JobState::Running, "running"},
    {JobState::Done, "done"},
    {JobState::Failed, "failed"},
    {JobState::Canceled, "canceled"},
}};

JobState parse_state(const std::string& text) {
    const auto* found = std::find_if(kStates.begin(), kStates.end(),
                                     [&text](const auto& row) { return row.second == text; });
    if (found == kStates.end()) {
        throw Error(Kind::Internal, "a job is in the unknown state {}", quoted(text));
    }
    return found->first;
}

template <typename What>
void put(Json& object, const char* member, const std::optional<What>& event) {
    if (event) {
        object[member] = Json::parse(to_json(Event(*event)));
    }
}

template <typename What>
std::optional<What> take(const Json& object, const char* member) {
    const auto found = object.find(member);
    if (found == object.end()) {
        return std::nullopt;
    }
    const Event event = parse_event(found->dump());
    const What* what = std::get_if<What>(&event);
    if (what == nullptr) {
        throw Error(Kind::Internal, "a job's '{}' is another event", member);
    }
    return *what;
}

Json object_of(const JobRecord& job) {
    Json object{{"job", job.number},
                {"state", word(job.state)},
                {"verb", to_utf8(job.verb)},
                {"class", to_utf8(job.image_class)},
                {"local", to_utf8(job.local)},
                {"name", to_utf8(job.name)},
                {"source", to_utf8(job.source)},
                {"verify", to_utf8(job.verify)},
                {"uid", job.uid},
                {"queued_ms", job.queued_ms},
                {"started_ms", job.started_ms},
                {"ended_ms", job.ended_ms},
                {"attempts", job.attempts}};
    if (!job.stage.empty()) {
        object["stage"] = to_utf8(job.stage);
    }
    put(object, "progress", job.progress);
    put(object, "verdict", job.verdict);
    put(object, "end", job.end);
    return object;
}

JobRecord parse_object(const Json& object) {
    const auto text = [&object](const char* member) { return object.value(member, std::string()); };
    const auto time = [&object](const char* member) {
        return object.value(member, std::int64_t{0});
    };
    JobRecord job;
    job.number = object.at("job").get<std::uint32_t>();
    job.state = parse_state(object.at("state").get<std::string>());
    job.verb = text("verb");
    job.image_class = text("class");
    job.local = text("local");
    job.name = text("name");
    job.source = text("source");
    job.verify = text("verify");
    job.uid = object.value("uid", std::uint32_t{0});
    job.queued_ms = time("queued_ms");
    job.started_ms = time("started_ms");
    job.ended_ms = time("ended_ms");
    job.attempts = object.value("attempts", 0U);
    job.stage = text("stage");
    job.progress = take<Progress>(object, "progress");
    job.verdict = take<VerdictReached>(object, "verdict");
    job.end = take<Ended>(object, "end");
    return job;
}

// What reads JSON of the daemon's, with an error of ours for whatever is wrong with it.
template <typename Read>
auto reading(std::string_view json, const Read& read) {
    try {
        return read(Json::parse(json));
    } catch (const Json::exception&) {
        throw Error(Kind::Internal, "{} is no job as docs/protocol.md §6 describes it",
                    quoted(json, 100));
    }
}

} // namespace

std::string_view word(JobState state) noexcept {
    const auto* found = std::find_if(kStates.begin(), kStates.end(),
                                     [state](const auto& row) { return row.first == state; });
    return found == kStates.end() ? "" : found->second;
}

bool has_ended(JobState state) noexcept {
    return state != JobState::Queued && state != JobState::Running;
}

std::optional<double> fraction(const JobRecord& job) noexcept {
    if (!job.progress || job.progress->total_bytes == 0) {
        return std::nullopt;
    }
    const auto& [done, total] = std::pair(job.progress->done_bytes, job.progress->total_bytes);
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
}

std::string to_json(const JobRecord& job) {
    return object_of(job).dump();
}

JobRecord parse_job_record(std::string_view json) {
    return reading(json, parse_object);
}

std::string to_json(const std::vector<JobRecord>& jobs) {
    Json list = Json::array();
    for (const JobRecord& job : jobs) {
        list.push_back(object_of(job));
    }
    return list.dump();
}

std::vector<JobRecord> parse_job_records(std::string_view json) {
    return reading(json, [](const Json& list) {
        std::vector<JobRecord> jobs;
        for (const Json& object : list) {
            jobs.push_back(parse_object(object));
        }
        return jobs;
    });
}

} // namespace slipway::transfer
