// import-fs: a directory of this host becomes an image. Where the file system can, as a snapshot;
// else copied, with shared blocks where those can be had. There is nothing to unpack and nobody to
// ask for proofs, so the keeper does it alone, through storage.

#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/staging.hh"
#include "transfer/commit_image.hh"
#include "transfer/copy_words.hh"
#include "transfer/image_name.hh"
#include "transfer/job.hh"
#include "transfer/preflight.hh"
#include "transfer/provenance.hh"
#include "transfer/source_tree.hh"
#include "transfer/sync_ahead.hh"
#include "transfer/tree_copy.hh"
#include "verify/judge.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

// Both what was done and in which words it is told.
struct Brought {
    std::string how;
    std::uint64_t size_bytes = 0;
};

class Importer {
public:
    Importer(const Job& job, Fd given)
        : job_(job),
          judge_({.policy = policy_of(job.request), .image = std::nullopt, .now = job.now}),
          name_(settle_name(job.request)),
          source_(job.request.path.empty() ? adopt_source_tree(std::move(given))
                                           : open_source_tree(job.request.path)),
          shown_(job.request.path.empty() ? "-" : escaped(job.request.path.string())),
          pool_(storage::Pool::open(job.request.pool, job.request.image_class)) {
        if (const std::optional<std::string> note = pool_.note()) {
            job_.report.log(LogLevel::Notice, *note);
        }
        check_apart(source_.get(), pool_);
    }

    Ended run() {
        const bool snapshot = volume::can_make_snapshot(source_.get(), pool_.fd());
        if (!snapshot) {
            check_space();
        }
        // What is not on the disk yet would be written there file by file.
        if (volume::are_on_one_file_system(source_.get(), pool_.fd())) {
            sync_ahead(source_.get(), job_.stop);
        }
        job_.report.stage(snapshot ? "snapshot" : "copy");
        storage::Staging staging(pool_, spec(snapshot));
        for (const std::string& note : staging.notes()) {
            job_.report.log(LogLevel::Notice, note);
        }
        const Brought brought = snapshot ? tell_snapshot() : copy(staging);
        return commit(std::move(staging), brought);
    }

private:
    static verify::Policy policy_of(const Request& request) {
        const verify::Policy policy = verify::parse_policy(request.verify);
        if (policy.mode != verify::Mode::No) {
            throw Error(Kind::InvalidArgument,
                        "a directory cannot be verified: no document and no digest speaks of one; "
                        "expected --verify=no");
        }
        return policy;
    }

    storage::StagingSpec spec(bool snapshot) const {
        const Request& request = job_.request;
        storage::StagingSpec spec{.id = request.id, .name = name_};
        spec.replace = request.force ? storage::Replace::Yes : storage::Replace::No;
        spec.read_only = request.read_only ? storage::ReadOnly::Yes : storage::ReadOnly::No;
        spec.snapshot_of = snapshot ? source_.get() : -1;
        return spec;
    }

    void check_space() const {
        const Volume volume{pool_.file_system(), pool_.space()};
        transfer::check_space(volume, std::nullopt);
        if (const std::optional<TreeUsage> usage = find_usage(source_.get(), pool_)) {
            check_tree_space(volume, usage->size_bytes, usage->inodes);
            job_.report.expect(usage->size_bytes);
        }
    }

    Brought copy(const storage::Staging& staging) {
        const volume::CopiedTree tree = fill_with_copy(staging, source_.get(), pool_, job_);
        return {amount_of(tree), tree.size_bytes};
    }

    Brought tell_snapshot() const {
        tell_mounts(source_.get(), job_.report);
        return {fmt::format("a snapshot of {}", quoted(shown_)), 0};
    }

    Ended commit(storage::Staging staging, const Brought& brought) {
        const Verdict verdict = judge_.judge({});
        const storage::Provenance provenance =
            make_provenance({.job = job_id(job_.request),
                             .source = shown_,
                             .fetched_at = std::chrono::duration_cast<std::chrono::seconds>(
                                               job_.now.time_since_epoch())
                                               .count(),
                             .size_bytes = brought.size_bytes,
                             .digests = {},
                             .verdict = std::string(word(verdict.word())),
                             .statement = {}});
        const std::string_view type = storage::word(staging.type());
        const auto path = commit_image(std::move(staging), verdict, provenance, job_);
        Ended ended{.outcome = Outcome::Done, .status = 0};
        ended.text = fmt::format("stored {} as a {}: {}", quoted(path.string()), type, brought.how);
        ended.name = name_.text();
        ended.path = path.string();
        ended.type = type;
        return ended;
    }

    const Job& job_;
    verify::Judge judge_;
    storage::ImageName name_;
    Fd source_;
    std::string shown_;
    storage::Pool pool_;
};

} // namespace

Ended import_fs(const Job& job, Fd given) {
    return Importer(job, std::move(given)).run();
}

} // namespace slipway::transfer
