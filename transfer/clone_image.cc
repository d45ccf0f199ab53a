// clone: another image like one that is there, wherever in the search path; always into the pool. A
// subvolume as a snapshot, a disk and the files of a tree with shared blocks where the file system
// can do that, else copied. The source is locked while it is read; others may read it as well.

#include <chrono>
#include <utility>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "storage/changeable.hh"
#include "storage/new_machine.hh"
#include "storage/origin.hh"
#include "storage/staging.hh"
#include "transfer/clone_cost.hh"
#include "transfer/clone_source.hh"
#include "transfer/commit_image.hh"
#include "transfer/copy_words.hh"
#include "transfer/interrupted.hh"
#include "transfer/job.hh"
#include "transfer/preflight.hh"
#include "transfer/provenance.hh"
#include "transfer/search.hh"
#include "transfer/source_tree.hh"
#include "transfer/stored.hh"
#include "transfer/sync_ahead.hh"
#include "transfer/tree_copy.hh"
#include "verify/judge.hh"
#include "volume/copy_file.hh"
#include "volume/subvolume.hh"

namespace slipway::transfer {
namespace {

using storage::Image;
using storage::ImageType;

constexpr std::uint64_t kStatBlockBytes = 512;

class Cloner {
public:
    explicit Cloner(const Job& job)
        : job_(job), name_(storage::ImageName::parse(job.request.name)),
          new_name_(storage::ImageName::parse(job.request.new_name)),
          search_(search_of(job.request)), pool_(open_pool(job.request)) {
        if (const std::optional<std::string> note = pool_.note()) {
            job_.report.log(LogLevel::Notice, *note);
        }
        storage::check_unused(search_, new_name_, job_.request.image_class);
        if (!job.request.dry_run) {
            sweep_source(); // what the image lacks until then would be missing in the clone
        }
        source_.emplace(search_, name_, job.request.image_class);
        if (!source_->is_disk()) {
            check_apart(source_->root(), pool_);
        } else if (job.request.fresh) {
            throw Error(Kind::Unsupported,
                        "--fresh resets files of a tree, and {} is a disk, whose file systems are "
                        "never opened here; nothing was stored",
                        quoted(source_->image().path.string()));
        }
        way_ = storage::way_of_clone(source_->root(), source_->image().type, pool_);
    }

    Ended rehearse() const {
        Ended ended{.outcome = Outcome::Done, .status = 0};
        ended.text = cost_of_clone(way_, source_->root(), source_->image().type, pool_, job_.stop);
        ended.name = new_name_.text();
        ended.type = type_of_clone();
        return ended;
    }

    Ended run() {
        check_space();
        // What is not on the disk yet would be written there while the clone waits for it.
        if (way_ != CloneWay::Copy) {
            sync_ahead(source_->root(), job_.stop);
        }
        job_.report.stage(way_ == CloneWay::Snapshot ? "snapshot" : "copy");
        storage::Staging staging(pool_, spec());
        for (const std::string& note : staging.notes()) {
            job_.report.log(LogLevel::Notice, note);
        }
        storage::check_unused(search_, new_name_,
                              job_.request.image_class); // now that nobody takes it
        source_->check();
        const std::string how = fill(staging);
        if (job_.request.fresh) {
            reset(staging);
        }
        const std::vector<std::string> beside = carry(staging);
        return commit(std::move(staging), how, beside);
    }

private:
    // Nothing is made for a question.
    static storage::Pool open_pool(const Request& request) {
        if (!request.dry_run) {
            return storage::Pool::open(request.pool, request.image_class);
        }
        std::optional<storage::Pool> pool = storage::Pool::find(request.pool, request.image_class);
        if (!pool) {
            throw Error(Kind::NotFound, "there is no pool {} yet", quoted(request.pool.string()));
        }
        return std::move(*pool);
    }

    void sweep_source() const {
        const std::optional<storage::Located> found =
            storage::locate_image(search_, name_, job_.request.image_class);
        const std::optional<storage::Pool> pool =
            found ? storage::Pool::find(found->pool) : std::nullopt;
        if (pool && ::faccessat(pool->fd(), ".", W_OK, AT_EACCESS) == 0) {
            for (const std::string& problem : storage::sweep(*pool).problems) {
                job_.report.log(LogLevel::Notice, problem);
            }
        }
    }

    storage::StagingSpec spec() const {
        const Request& request = job_.request;
        storage::StagingSpec spec{.id = request.id, .name = new_name_};
        spec.read_only = request.read_only ? storage::ReadOnly::Yes : storage::ReadOnly::No;
        spec.changes = request.fresh;
        spec.source_pool = &source_->pool();
        spec.source = source_->image().path.filename();
        if (source_->is_disk()) {
            spec.kind = storage::ImageKind::Disk;
            spec.shares_with = way_ == CloneWay::Share ? source_->root() : -1;
        } else if (way_ == CloneWay::Snapshot) {
            spec.snapshot_of = source_->root();
        }
        return spec;
    }

    void check_space() const {
        if (way_ != CloneWay::Copy) {
            return;
        }
        const Volume volume{pool_.file_system(), pool_.space()};
        struct stat info {};
        if (source_->is_disk() && ::fstat(source_->root(), &info) == 0) {
            transfer::check_space(volume,
                                  static_cast<std::uint64_t>(info.st_blocks) * kStatBlockBytes);
            job_.report.expect(static_cast<std::uint64_t>(info.st_size));
        } else {
            transfer::check_space(volume, std::nullopt);
        }
    }

    std::string fill(storage::Staging& staging) {
        if (source_->is_disk()) {
            return fill_disk(staging);
        }
        if (way_ == CloneWay::Snapshot) {
            tell_mounts(source_->root(), job_.report);
            return "a snapshot";
        }
        return amount_of(fill_with_copy(staging, source_->root(), pool_, job_));
    }

    std::string fill_disk(storage::Staging& staging) {
        const auto tell = [this](std::uint64_t so_far) {
            job_.report.progress(std::chrono::steady_clock::now(),
                                 {.packed_bytes = so_far, .unpacked_bytes = so_far});
        };
        struct stat info {};
        if (::fstat(source_->root(), &info) < 0) {
            throw errno_error("cannot look at {}", quoted(source_->image().path.string()));
        }
        try {
            const volume::CopiedContents copied =
                volume::copy_large_file(source_->root(), staging.root(), tell, job_.stop);
            if (copied.changed) {
                job_.report.log(LogLevel::Warning,
                                "the disk changed while being copied: what the clone holds may be "
                                "neither old nor new");
            }
            staging.set_modified(std::chrono::sys_time<std::chrono::nanoseconds>(
                std::chrono::seconds(info.st_mtim.tv_sec) +
                std::chrono::nanoseconds(info.st_mtim.tv_nsec)));
            if (const auto created = source_->image().created_us) {
                staging.set_created(*created);
            }
            return copied.shared == volume::Shared::Yes
                       ? fmt::format("it shares its {} with it", format_size(copied.size_bytes))
                       : fmt::format("{} copied", format_size(copied.size_bytes));
        } catch (Error& error) {
            add_consequence(error, pool_, job_.report);
            throw;
        }
    }

    void reset(const storage::Staging& staging) {
        try {
            for (const std::string& what : storage::make_new_machine(staging.root())) {
                job_.report.log(LogLevel::Notice, "reset: " + what);
            }
        } catch (Error& error) {
            add_consequence(error, pool_, job_.report);
            throw;
        }
    }

    std::vector<std::string> carry(storage::Staging& staging) {
        try {
            return staging.carry_siblings(source_->pool(), source_->image(), job_.stop);
        } catch (Error& error) {
            if (error.kind() == Kind::NoSpace) {
                add_consequence(error, pool_, job_.report);
            }
            throw;
        }
    }

    Ended commit(storage::Staging staging, const std::string& how,
                 const std::vector<std::string>& beside) {
        const verify::Judge judge(
            {.policy = {.mode = verify::Mode::No, .algorithm = {}, .digest = {}},
             .image = std::nullopt,
             .now = job_.now});
        const Image& parent = source_->image();
        const storage::Provenance provenance =
            inherit_provenance(storage::read_origin(source_->root()),
                               {.job = job_id(job_.request),
                                .name = parent.name.text(),
                                .path = escaped(parent.path.string()),
                                .cloned_at = std::chrono::duration_cast<std::chrono::seconds>(
                                                 job_.now.time_since_epoch())
                                                 .count()});
        const std::string_view type = storage::word(staging.type());
        const std::string_view words = noun(staging.type());
        const auto path = commit_image(std::move(staging), judge.judge({}), provenance, job_);
        Ended ended{.outcome = Outcome::Done, .status = 0};
        ended.text =
            fmt::format("stored {} as a {}, a clone of {}: {}{}", quoted(path.string()), words,
                        quoted(parent.path.string()), how,
                        beside.empty() ? "" : fmt::format("; with it {}", fmt::join(beside, ", ")));
        ended.name = new_name_.text();
        ended.path = path.string();
        ended.type = type;
        ended.siblings = beside;
        return ended;
    }

    std::string type_of_clone() const {
        return std::string(word(source_->is_disk()               ? ImageType::Raw
                                : pool_.file_system().subvolumes ? ImageType::Subvolume
                                                                 : ImageType::Directory));
    }

    const Job& job_;
    storage::ImageName name_;
    storage::ImageName new_name_;
    std::vector<std::filesystem::path> search_;
    storage::Pool pool_;
    std::optional<CloneSource> source_;
    CloneWay way_ = CloneWay::Copy;
};

} // namespace

Ended clone_image(const Job& job) {
    if (std::optional<Ended> earlier = find_earlier_end(job.request)) {
        storage::sweep(storage::Pool::open(job.request.pool)); // what belongs to it
        return std::move(*earlier);
    }
    Cloner cloner(job);
    return job.request.dry_run ? cloner.rehearse() : cloner.run();
}

} // namespace slipway::transfer
