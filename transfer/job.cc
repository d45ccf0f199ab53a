// The verbs' common frame: what is being done stands in front of every message.

#include "transfer/job.hh"

#include <new>

#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/url.hh"
#include "transfer/image_name.hh"
#include "transfer/repeated.hh"

namespace slipway::transfer {
namespace {

// How the source or object of a job is shown: no secrets, one line.
std::string source_of(const Request& request) {
    switch (request.verb) {
    case Verb::PullTar:
    case Verb::PullRaw:
        return escaped(mask_urls(request.url));
    case Verb::ImportTar:
    case Verb::ImportRaw:
    case Verb::ImportFs:
        return request.path.empty() ? "-" : escaped(request.path.string());
    case Verb::Verify:
        return escaped(request.url.empty() ? request.name : mask_urls(request.url));
    case Verb::Clone:
    case Verb::Rename:
        return escaped(request.name);
    default:
        break;
    }
    return {};
}

std::string doing(const Request& request) {
    switch (request.verb) {
    case Verb::PullTar:
    case Verb::PullRaw:
        return fmt::format("pulling {}", quoted(mask_urls(request.url)));
    case Verb::ImportTar:
    case Verb::ImportRaw:
    case Verb::ImportFs:
        return request.path.empty() ? "importing from a descriptor"
                                    : fmt::format("importing {}", quoted(request.path.string()));
    case Verb::Verify:
        return fmt::format("verifying {}", quoted(source_of(request)));
    case Verb::Clone:
        return fmt::format("cloning {}", quoted(request.name));
    case Verb::Rename:
        return fmt::format("renaming {}", quoted(request.name));
    case Verb::ReadOnly:
        return fmt::format("marking {}", quoted(request.name));
    case Verb::SetLimit:
        return fmt::format("limiting {}",
                           quoted(request.name.empty() ? request.pool.string() : request.name));
    case Verb::Inspect:
    case Verb::InspectDisk:
        return fmt::format("reading {}", quoted(request.name));
    case Verb::ExportTar:
    case Verb::ExportRaw:
        return fmt::format("exporting {}", quoted(request.name));
    case Verb::Remove:
        return fmt::format("removing {}", quoted(request.name));
    case Verb::Clean:
        return fmt::format("cleaning {}", quoted(request.pool.string()));
    case Verb::Sweep:
        break;
    }
    return fmt::format("sweeping {}", quoted(request.pool.string()));
}

// The name that the job brings or changes. A sweep has none; what lies at a URL and is only
// verified has the name that it has there.
std::string name_of(const Request& request) {
    if (request.verb == Verb::Verify && !request.url.empty()) {
        return escaped(Url::parse(request.url).file_name());
    }
    switch (request.verb) {
    case Verb::Sweep:
    case Verb::Clean:
        return {};
    case Verb::SetLimit:
        return request.name;
    case Verb::Clone:
    case Verb::Rename:
        return storage::ImageName::parse(request.new_name).text();
    default:
        return settle_name(request).text();
    }
}

Ended carry_out(const Job& job, Fd given) {
    const Request& request = job.request;
    job.report.started({request.id, std::string(word(request.verb)), name_of(request),
                        source_of(request), static_cast<std::int32_t>(::getpid())});
    if (std::optional<Ended> earlier = find_earlier_change(request)) {
        return std::move(*earlier);
    }
    switch (request.verb) {
    case Verb::PullTar:
    case Verb::PullRaw:
        return request.dry_run ? rehearse_pull(job) : pull_image(job);
    case Verb::ImportTar:
    case Verb::ImportRaw:
        return import_image(job, std::move(given));
    case Verb::ImportFs:
        return import_fs(job, std::move(given));
    case Verb::Verify:
        return verify_image(job);
    case Verb::Clone:
        return clone_image(job);
    case Verb::Rename:
        return rename_image(job);
    case Verb::ReadOnly:
        return mark_image(job);
    case Verb::SetLimit:
        return set_limit(job);
    case Verb::Inspect:
        return inspect_image(job);
    case Verb::InspectDisk:
        return inspect_disk(job);
    case Verb::ExportTar:
    case Verb::ExportRaw:
        return export_image(job, std::move(given));
    case Verb::Remove:
        return remove(job);
    case Verb::Clean:
        return clean(job);
    case Verb::Sweep:
        break;
    }
    return sweep(job);
}

Ended failed(const Error& error) {
    Ended ended{.outcome = Outcome::Failed, .status = error.status()};
    ended.kind = word(error.kind());
    ended.verdict = error.verdict() ? word(*error.verdict()) : "";
    ended.text = error.what();
    return ended;
}

bool brings(Verb verb) {
    return verb <= Verb::Clone;
}

Ended canceled(const Request& request, int signal) {
    const std::string_view nothing = is_export(request.verb) ? "written to its end"
                                     : brings(request.verb)  ? "stored"
                                                             : "changed";
    Ended ended{.outcome = Outcome::Canceled, .status = signal == 0 ? kExitCanceled : 128 + signal};
    ended.text = fmt::format("{}: canceled; nothing was {}", doing(request), nothing);
    return ended;
}

} // namespace

Ended run_job(const Job& job, Fd given, const std::function<int()>& signal) {
    try {
        return carry_out(job, std::move(given));
    } catch (const Canceled&) {
        return canceled(job.request, signal());
    } catch (Error& error) {
        // Programs that a C-c has ended with us fail first; that is not what the person asked.
        if (job.stop.stop_requested()) {
            return canceled(job.request, signal());
        }
        error.add_context("{}", doing(job.request));
        return failed(error);
    } catch (const std::bad_alloc&) {
        return failed(
            Error(Kind::Limit, "{}: out of memory; nothing was stored", doing(job.request)));
    } catch (const std::exception& error) {
        return failed(Error(Kind::Internal, "{}: {}; nothing was stored", doing(job.request),
                            escaped(error.what())));
    }
}

} // namespace slipway::transfer
