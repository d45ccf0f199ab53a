// Everything that can be said against a submission before it has a number.

#include "jobs/admission.hh"

#include <algorithm>

#include "base/quoted.hh"
#include "base/url.hh"
#include "storage/image_class.hh"
#include "transfer/image_name.hh"
#include "verify/policy.hh"

namespace slipway::jobs {
namespace {

using transfer::Request;

template <typename Number>
void fill(Number& wanted, Number configured) {
    if (wanted == 0) {
        wanted = configured;
    }
}

void fill_limits(Request& request, const Config& config) {
    fill(request.budget.size_bytes, config.max_size_bytes);
    fill(request.budget.ratio, config.max_ratio);
    fill(request.budget.entries, config.max_entries);
    fill(request.memory_bytes, config.memory_bytes);
}

std::filesystem::path pool_of(const std::string& image_class, const Config& config) {
    const auto pool = config.pools.find(image_class);
    if (pool == config.pools.end()) {
        throw Error(Kind::InvalidArgument,
                    "the image class {} is not known; expected machine, portable, sysext or "
                    "confext",
                    quoted(image_class));
    }
    return pool->second;
}

// How the source is shown: no secrets, one line. Of a clone and a rename the image that is there.
std::string source_of(const Submission& submission) {
    const Request& request = submission.request;
    if (transfer::is_pull(request.verb)) {
        return Url::parse(request.url).masked();
    }
    return escaped(request.new_name.empty() ? submission.source : request.name);
}

// What the job is called by: the image that it brings or changes, none of a whole pool's.
std::string settled_name(const Request& request) {
    if (!request.new_name.empty()) {
        return storage::ImageName::parse(request.new_name).text();
    }
    return request.name.empty() && is_about_stored(request.verb)
               ? ""
               : transfer::settle_name(request).text();
}

} // namespace

Admitted admit(const Submission& submission, const Config& config) {
    Admitted admitted{.record = {}, .request = submission.request};
    Request& request = admitted.request;
    transfer::JobRecord& record = admitted.record;
    request.id = transfer::make_id();
    request.pool = pool_of(submission.image_class, config);
    request.image_class =
        storage::find_class(submission.image_class).value_or(storage::ImageClass::Machine);
    request.search = storage::search_path(request.image_class, request.pool);
    if (request.verify.empty()) {
        request.verify = transfer::is_pull(request.verb) ? config.verify : "no";
    }
    verify::parse_policy(request.verify);
    fill_limits(request, config);
    if (transfer::is_pull(request.verb) && !submission.says_keep) {
        request.keep_download = config.keep_downloads;
    }
    if (!submission.own_network) {
        request.network = config.network;
    }
    record.verb = word(request.verb);
    record.image_class = submission.image_class;
    record.local = to_utf8(request.name);
    record.source = source_of(submission);
    record.name = settled_name(request);
    record.verify = transfer::is_pull(request.verb) ? request.verify : "";
    record.uid = submission.uid;
    if (request.new_name.empty()) {
        request.name = record.name;
    }
    return admitted;
}

void check_room(const Admitted& wanted, const Submission& submission,
                const std::vector<Holding>& jobs, const Config& config) {
    const auto mine = std::count_if(jobs.begin(), jobs.end(),
                                    [&](const Holding& job) { return job.uid == submission.uid; });
    if (jobs.size() >= config.jobs) {
        throw Error(Kind::Limit, "{} jobs are queued or run, which is the limit; try again later",
                    jobs.size());
    }
    if (submission.uid != 0 && static_cast<std::uint64_t>(mine) >= config.jobs_per_user) {
        throw Error(Kind::Limit,
                    "{} jobs of yours are queued or run, which is the limit for one user; wait "
                    "for one to end, or cancel one",
                    mine);
    }
    const std::vector<HeldImage> images = held_by(wanted.request);
    for (const Holding& job : jobs) {
        if (submission.one_per_url && job.verb == wanted.record.verb && !job.url.empty() &&
            job.url == wanted.request.url) {
            throw Taken(
                Kind::Exists, job.number,
                fmt::format("transfer {} already pulls this URL; nothing was queued", job.number));
        }
        if (const auto conflict = find_conflict(wanted.request.pool.string(), images, job)) {
            throw Taken(*conflict);
        }
    }
}

} // namespace slipway::jobs
