// Changes are jobs: seen by list-transfers, kept over a restart, ordered with all others. The
// caller waits for the end of its own. When the daemon is restarted meanwhile the job goes on and
// the call is lost with the connection.

#include <memory>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/machine1.hh"
#include "importd/machine1_error.hh"
#include "importd/question.hh"

namespace slipway::importd {
namespace {

using transfer::Request;
using transfer::Verb;

bool belongs_to_system(const jobs::ImageView& view) {
    const std::string path = view.listed.image.path.string();
    return view.listed.image.name.text() == ".host" || path.starts_with("/usr/");
}

Request request_of(Verb verb) {
    Request request;
    request.verb = verb;
    request.verify = "no";
    return request;
}

std::string checked_name(const std::string& name) {
    if (!storage::ImageName::if_valid(name)) {
        throw Error(Kind::InvalidArgument, "Image name {} is invalid.", quoted(name));
    }
    return name;
}

std::uint64_t checked_limit(std::uint64_t size_bytes) {
    if (size_bytes > INT64_MAX && size_bytes != transfer::kNoLimit) {
        throw Error(Kind::InvalidArgument, "New limit out of range");
    }
    return size_bytes;
}

} // namespace

void Machine1::remove(const bus::Call& call, const std::string& name) {
    change(call, name, request_of(Verb::Remove));
}

void Machine1::rename(const bus::Call& call, const std::string& name) {
    Request request = request_of(Verb::Rename);
    request.new_name = checked_name(std::get<0>(call.read<std::string>()));
    change(call, name, std::move(request));
}

void Machine1::clone(const bus::Call& call, const std::string& name) {
    const auto [new_name, read_only] = call.read<std::string, bool>();
    Request request = request_of(Verb::Clone);
    request.new_name = checked_name(new_name);
    request.read_only = read_only;
    change(call, name, std::move(request));
}

void Machine1::mark_read_only(const bus::Call& call, const std::string& name) {
    Request request = request_of(Verb::ReadOnly);
    request.read_only = std::get<0>(call.read<bool>());
    change(call, name, std::move(request));
}

void Machine1::set_limit(const bus::Call& call, const std::string& name) {
    Request request = request_of(Verb::SetLimit);
    request.limit_bytes = checked_limit(std::get<0>(call.read<std::uint64_t>()));
    change(call, name, std::move(request));
}

void Machine1::set_pool_limit(const bus::Call& call) {
    Request request = request_of(Verb::SetLimit);
    request.limit_bytes = checked_limit(std::get<0>(call.read<std::uint64_t>()));
    submit(call, std::move(request));
}

void Machine1::clean_pool(const bus::Call& call) {
    const auto [mode] = call.read<std::string>();
    if (mode != "hidden" && mode != "all") {
        throw Error(Kind::InvalidArgument, "Unknown mode {}.", quoted(mode));
    }
    Request request = request_of(Verb::Clean);
    request.all = mode == "all";
    submit(call, std::move(request));
}

void Machine1::change(const bus::Call& call, const std::string& name, Request request) {
    request.name = name;
    with_image(call, name, [this, call, request = std::move(request)](const jobs::ImageView& view) {
        if (request.verb != Verb::Clone && belongs_to_system(view)) {
            call.fail(belongs_to_the_system());
        } else {
            submit(call, request);
        }
    });
}

void Machine1::submit(const bus::Call& call, Request request) {
    // Shared, for a std::function is copied; there is one job to be made of it.
    const auto held = std::make_shared<jobs::Submission>();
    held->request = std::move(request);
    authorization_.ask(
        call, question_of(*held),
        [this, call, held](const Caller& caller) {
            held->uid = caller.uid;
            service_.submit(
                std::move(*held),
                [this, call](std::uint32_t number) { waiting_.emplace(number, Waiting{call}); },
                [call](const jobs::Refusal& refusal) { call.fail(machine1_failure(refusal)); });
        },
        [call](const Denial& denial) { call.fail(machine1_failure(denial)); });
}

void Machine1::queued(const transfer::JobRecord& /*job*/) {}

void Machine1::event(const transfer::JobRecord& job, const transfer::Event& event,
                     std::string_view /*line*/) {
    const auto waiting = waiting_.find(job.number);
    const auto* cleaned = std::get_if<transfer::Cleaned>(&event);
    if (waiting != waiting_.end() && cleaned != nullptr) {
        waiting->second.cleaned.emplace_back(bus::bus_text(cleaned->name),
                                             cleaned->freed_bytes.value_or(UINT64_MAX));
    }
}

void Machine1::ended(const transfer::JobRecord& job) {
    const auto found = waiting_.extract(job.number);
    if (found.empty()) {
        return;
    }
    const Waiting& waiting = found.mapped();
    const transfer::Ended end = job.end.value_or(transfer::Ended{});
    if (end.outcome != transfer::Outcome::Done) {
        waiting.call.fail(machine1_failure(end));
    } else if (job.verb == word(Verb::Clean)) {
        waiting.call.answer(waiting.cleaned);
    } else {
        waiting.call.answer();
    }
}

} // namespace slipway::importd
