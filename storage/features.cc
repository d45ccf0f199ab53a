// The directory of the probes is a job's like any other: a crash leaves it to the next sweep.

#include "storage/features.hh"

#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/job_place.hh"
#include "volume/directory.hh"
#include "volume/probe.hh"

namespace slipway::storage {

Features probe_features(const Pool& pool) {
    const JobPlace place(pool, make_job_id(), {});
    if (::mkdirat(pool.fd(), place.names().content.c_str(), 0700) < 0) {
        throw errno_error("cannot make a directory in the pool {}", quoted(pool.path().string()));
    }
    const Fd directory = volume::open_directory(pool.fd(), place.names().content);
    return {
        .file_system = pool.file_system(),
        .reflink = volume::can_reflink(directory.get()),
        .exchange = volume::can_exchange(directory.get()),
        .xattrs = volume::can_hold_attributes(directory.get(), 1),
        .immutable = volume::can_be_immutable(directory.get()),
    };
}

} // namespace slipway::storage
