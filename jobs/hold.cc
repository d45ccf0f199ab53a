// Two readers go together, and nothing else does.

#include "jobs/hold.hh"

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

using transfer::Verb;

Taken conflict_of(const HeldImage& wanted, const HeldImage& held, const Holding& job) {
    if (wanted.hold == Hold::Brings && held.hold == Hold::Brings) {
        return {Kind::Exists, job.number,
                fmt::format("transfer {} already brings an image of the name {}; nothing was "
                            "queued. Wait for it, or cancel it",
                            job.number, quoted(wanted.name))};
    }
    const std::string what =
        wanted.name.empty() ? "the pool" : fmt::format("the image {}", quoted(wanted.name));
    return {Kind::Busy, job.number,
            fmt::format("{} is in use by transfer {} ({}); nothing was queued. Wait for it, or "
                        "cancel it",
                        what, job.number, job.verb)};
}

} // namespace

std::vector<HeldImage> held_by(const transfer::Request& request) {
    switch (request.verb) {
    case Verb::Clone:
        return {{request.name, Hold::Reads}, {request.new_name, Hold::Brings}};
    case Verb::Rename:
        return {{request.name, Hold::Changes}, {request.new_name, Hold::Brings}};
    case Verb::ExportTar:
    case Verb::ExportRaw:
        return {{request.name, Hold::Reads}};
    case Verb::ReadOnly:
    case Verb::SetLimit:
    case Verb::Remove:
        return {{request.name, Hold::Changes}};
    case Verb::Clean:
        return {{"", Hold::Changes}};
    case Verb::Verify:
    case Verb::Inspect:
    case Verb::InspectDisk:
    case Verb::Sweep:
        return {}; // no jobs of the queue
    default:
        return {{request.name, Hold::Brings}};
    }
}

std::optional<Taken> find_conflict(const std::string& pool, const std::vector<HeldImage>& images,
                                   const Holding& job) {
    if (job.pool != pool) {
        return std::nullopt;
    }
    for (const HeldImage& wanted : images) {
        for (const HeldImage& held : job.images) {
            const bool both_read = wanted.hold == Hold::Reads && held.hold == Hold::Reads;
            if (wanted.name == held.name && !both_read) {
                return conflict_of(wanted, held, job);
            }
        }
    }
    return std::nullopt;
}

} // namespace slipway::jobs
