// Errors travel under the names of base/bus_error.hh. A refusal that a password would lift keeps
// the standard name, so that every client knows it.

#include "importd/slipway_bus.hh"

#include <memory>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "base/error.hh"
#include "importd/import1_error.hh"
#include "importd/question.hh"

namespace slipway::importd {
namespace {

using transfer::JobRecord;

bus::Failure failure_of(const Denial& denial) {
    switch (denial.why) {
    case Denial::Why::Password:
        return {kInteractionRequired, denial.text};
    case Denial::Why::TooMany:
        return {bus::error_name(Kind::Limit), denial.text};
    case Denial::Why::No:
        break;
    }
    return {bus::error_name(Kind::Denied), denial.text};
}

void refuse(const bus::Call& call, const jobs::Refusal& refusal) {
    try {
        std::rethrow_exception(refusal.error);
    } catch (const std::exception& error) {
        call.fail(error);
    }
}

void check_root_alone(const SubmitRequest& request, std::uint32_t uid) {
    if (!request.of_root.empty() && uid != 0) {
        throw Error(Kind::Denied, "only root may set {} of a job; nothing was changed",
                    fmt::join(request.of_root, ", "));
    }
}

} // namespace

SlipwayBus::SlipwayBus(bus::Connection& connection, jobs::Service& service,
                       Authorization& authorization)
    : service_(service), authorization_(authorization),
      object_(connection, "/io/slipway/Importd", "io.slipway.Importd") {
    object_.method("Submit", {"sah", {"request", "descriptors"}}, {"u", {"job"}},
                   [this](const bus::Call& call) { submit(call); });
    object_.method("Cancel", {"u", {"job"}}, {}, [this](const bus::Call& call) { cancel(call); });
    object_.method("ListJobs", {}, {"s", {"jobs"}}, [this](const bus::Call& call) { list(call); });
    object_.method("History", {"s", {"query"}}, {"s", {"jobs"}},
                   [this](const bus::Call& call) { history(call); });
    object_.signal("Event", {"us", {"job", "event"}});
    object_.property<std::string>("Version", bus::Changes::Never,
                                  [] { return std::string(SLIPWAY_VERSION); });
    object_.property<std::uint32_t>("Protocol", bus::Changes::Never,
                                    [] { return std::uint32_t{1}; });
    object_.property<bool>("Proxies", bus::Changes::Silently,
                           [this] { return service_.has_proxies(); });
    object_.publish();
    service_.add_observer(*this);
}

void SlipwayBus::submit(const bus::Call& call) {
    auto [json, descriptors] = call.read<std::string, std::vector<Fd>>();
    // Shared, for a std::function is copied; there is one job to be made of it.
    const auto request =
        std::make_shared<SubmitRequest>(parse_submit_request(json, std::move(descriptors)));
    authorization_.ask(
        call, question_of(request->submission),
        [this, call, request](const Caller& caller) {
            check_root_alone(*request, caller.uid);
            request->submission.uid = caller.uid;
            service_.submit(
                std::move(request->submission), [call](std::uint32_t job) { call.answer(job); },
                [call](const jobs::Refusal& refusal) { refuse(call, refusal); });
        },
        [call](const Denial& denial) { call.fail(failure_of(denial)); });
}

void SlipwayBus::cancel(const bus::Call& call) {
    const auto [number] = call.read<std::uint32_t>();
    const auto job = service_.live().find(number);
    if (job == service_.live().end()) {
        throw Error(Kind::NotFound, "there is no job {} that is queued or runs", number);
    }
    authorization_.ask(
        call, cancel_question_of(job->second, kActionCancel),
        [this, call, number = number](const Caller&) {
            service_.cancel(
                number, [call] { call.answer(); },
                [call](const jobs::Refusal& refusal) { refuse(call, refusal); });
        },
        [call](const Denial& denial) { call.fail(failure_of(denial)); });
}

void SlipwayBus::list(const bus::Call& call) {
    std::vector<JobRecord> jobs;
    jobs.reserve(service_.live().size());
    for (const auto& [number, job] : service_.live()) {
        jobs.push_back(job);
    }
    call.answer(transfer::to_json(jobs));
}

void SlipwayBus::history(const bus::Call& call) {
    service_.history(
        parse_history_query(std::get<0>(call.read<std::string>())),
        [call](const std::vector<JobRecord>& jobs) { call.answer(transfer::to_json(jobs)); },
        [call](const jobs::Refusal& refusal) { refuse(call, refusal); });
}

void SlipwayBus::queued(const JobRecord& job) {
    object_.emit("Event", job.number,
                 "{\"event\": \"queued\", \"job\": " + transfer::to_json(job) + "}");
}

void SlipwayBus::event(const JobRecord& job, const transfer::Event& event, std::string_view line) {
    // The end comes once, also when the keeper could not say it: see ended().
    if (!std::holds_alternative<transfer::Ended>(event)) {
        object_.emit("Event", job.number, std::string(line));
    }
}

void SlipwayBus::ended(const JobRecord& job) {
    object_.emit("Event", job.number,
                 transfer::to_json(transfer::Event(job.end.value_or(transfer::Ended{}))));
}

} // namespace slipway::importd
