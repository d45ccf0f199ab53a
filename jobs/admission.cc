// Everything that can be said against a submission before it has a number.

#include "jobs/admission.hh"

#include <algorithm>

#include "base/quoted.hh"
#include "base/url.hh"
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

// How the source is shown: no secrets, one line.
std::string source_of(const Submission& submission) {
    return transfer::is_pull(submission.request.verb) ? Url::parse(submission.request.url).masked()
                                                      : escaped(submission.source);
}

} // namespace

Admitted admit(const Submission& submission, const Config& config) {
    Admitted admitted{.record = {}, .request = submission.request};
    Request& request = admitted.request;
    transfer::JobRecord& record = admitted.record;
    request.id = transfer::make_id();
    request.pool = pool_of(submission.image_class, config);
    if (request.verify.empty()) {
        request.verify = transfer::is_pull(request.verb) ? config.verify : "no";
    }
    verify::parse_policy(request.verify);
    fill_limits(request, config);
    if (!submission.own_network) {
        request.network = config.network;
    }
    record.verb = word(request.verb);
    record.image_class = submission.image_class;
    record.local = to_utf8(request.name);
    record.source = source_of(submission);
    record.name = transfer::settle_name(request).text();
    record.verify = transfer::is_pull(request.verb) ? request.verify : "";
    record.uid = submission.uid;
    request.name = record.name;
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
    for (const Holding& job : jobs) {
        if (submission.one_per_url && job.verb == wanted.record.verb && !job.url.empty() &&
            job.url == wanted.request.url) {
            throw Taken(
                job.number,
                fmt::format("transfer {} already pulls this URL; nothing was queued", job.number));
        }
        if (job.pool == wanted.request.pool.string() && job.name == wanted.record.name) {
            throw Taken(job.number,
                        fmt::format("transfer {} already brings an image of the name {}; nothing "
                                    "was queued. Wait for it, or cancel it",
                                    job.number, quoted(job.name)));
        }
    }
}

} // namespace slipway::jobs
