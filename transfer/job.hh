// One job, from its request to its end.

#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

#include "base/fd.hh"
#include "transfer/event.hh"
#include "transfer/report.hh"
#include "transfer/request.hh"

namespace slipway::transfer {

/// What every verb is given.
struct Job {
    const Request& request;
    Report& report;
    std::stop_token stop;
    std::chrono::system_clock::time_point now; ///< for signatures and provenance
};

/// pull-tar, pull-raw
Ended pull_image(const Job& job);
/// import-tar, import-raw
/// @param given  what the caller opened, when the request has no path
Ended import_image(const Job& job, Fd given);
/// @param given  a directory that the caller opened, when the request has no path
Ended import_fs(const Job& job, Fd given);
/// verify: of a URL, or without one of a stored image's origin. Nothing is stored.
Ended verify_image(const Job& job);
/// What pull_image() would do, up to the image's first byte.
Ended rehearse_pull(const Job& job);
/// clone; with `dry_run` only told how it would be made
Ended clone_image(const Job& job);
Ended rename_image(const Job& job);
/// read-only
Ended mark_image(const Job& job);
Ended set_limit(const Job& job);
/// inspect: what a stored system says of itself, as the event Inspected
Ended inspect_image(const Job& job);
/// inspect-disk: how a stored disk boots, as the event DiskInspected
Ended inspect_disk(const Job& job);
/// export-tar, export-raw
/// @param given  an empty file, a pipe or whatever else the caller opened for writing
Ended export_image(const Job& job, Fd given);
Ended remove(const Job& job);
/// Each that is removed as an event Cleaned.
Ended clean(const Job& job);
/// Of what dead jobs left; a pool that does not exist is clean.
Ended sweep(const Job& job);

/// Carries the job out, whichever verb it is, and says how it ended: the edge where exceptions
/// become words and exit statuses. Whatever was staged is gone when it returns without success.
/// @param signal  the signal that asked to stop, 0 for none; asked for once the job was canceled
Ended run_job(const Job& job, Fd given, const std::function<int()>& signal);

} // namespace slipway::transfer
