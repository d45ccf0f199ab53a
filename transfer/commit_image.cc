// The rename is the last moment at which a cancellation counts.

#include "transfer/commit_image.hh"

#include <utility>

#include "base/error.hh"
#include "transfer/sync_ahead.hh"

namespace slipway::transfer {

std::filesystem::path commit_image(storage::Staging staging, const Verdict& verdict,
                                   const storage::Provenance& provenance, const Job& job) {
    if (staging.has_data_to_sync()) {
        job.report.stage("sync");
        sync_ahead(staging.root(), job.stop);
    }
    return std::move(staging).commit(verdict, provenance, [&job](storage::CommitStep step) {
        if (job.stop.stop_requested()) {
            throw Canceled();
        }
        job.report.stage(step == storage::CommitStep::Sync ? "sync" : "commit");
    });
}

} // namespace slipway::transfer
