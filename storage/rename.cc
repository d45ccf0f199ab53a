// One rename decides; what lies beside the image follows by the plan.

#include "storage/rename.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/changeable.hh"
#include "storage/job_place.hh"
#include "storage/lock.hh"
#include "storage/new_siblings.hh"
#include "storage/removable.hh"
#include "storage/staging.hh"
#include "storage/target.hh"

namespace slipway::storage {
namespace {

class Renaming {
public:
    Renaming(const Pool& pool, const ImageName& name, const ImageName& new_name,
             const std::vector<std::filesystem::path>& search)
        : pool_(pool), name_(name), new_name_(new_name), found_(find()),
          file_name_(found_.path.filename()), stem_(stem(found_)),
          new_file_name_(new_name.text() + file_name_.substr(name.text().size())),
          new_stem_(ImageName::parse(new_name.text() + stem_.text().substr(name.text().size()))),
          place_(pool, make_job_id(), {stem_.text(), new_stem_.text()}), name_lock_(pool, new_name),
          image_lock_(pool, file_name_, LockMode::Exclusive),
          new_lock_(pool, new_stem_.text(), LockMode::Exclusive) {
        if (new_file_name_ != new_stem_.text()) {
            new_raw_lock_.emplace(pool, new_file_name_, LockMode::Exclusive);
        }
        check_unused(search, new_name, pool.image_class()); // now that nobody takes it
        if (find().path.filename() != file_name_) {         // now that nobody changes it
            throw Error(Kind::Busy, "image {} was exchanged meanwhile; nothing was changed",
                        quoted(name.text()));
        }
    }

    Renamed run() {
        const Plan plan = make_plan();
        if (plan.is_needed()) {
            write_plan(pool_.fd(), place_.names(), plan);
            prepare(pool_.fd(), plan);
        }
        decide();
        try {
            carry_out_plan(pool_, place_.names());
            clear_hidden(pool_, place_.names());
        } catch (Error& error) {
            error.add_context("image {} is renamed, but not all that belongs to it",
                              quoted(name_.text()));
            error.add_advice("; the next job in this pool tries again");
            throw;
        }
        Renamed renamed{.path = pool_.path() / new_file_name_, .with = {}};
        for (const MovedFile& file : plan.move) {
            renamed.with.push_back(std::filesystem::path(file.directory) / file.to);
        }
        return renamed;
    }

private:
    Image find() const {
        std::optional<Image> image = find_image(pool_, name_);
        if (!image) {
            throw Error(Kind::NotFound, "there is no image {} in the pool {}", quoted(name_.text()),
                        quoted(pool_.path().string()));
        }
        check_removable(pool_, *image);
        return std::move(*image);
    }

    Plan make_plan() const {
        const Target target = describe_target(pool_, find());
        Plan plan{.name = {},
                  .fresh = {},
                  .read_only = false,
                  .old_name = file_name_,
                  .old = target.identity,
                  .old_immutable = target.immutable,
                  .becomes = new_file_name_};
        check_no_siblings(pool_, new_stem_);
        if (!target.hides_raw) {
            plan.move = moves();
        }
        return plan;
    }

    std::vector<MovedFile> moves() const {
        std::vector<MovedFile> files;
        for (const NamedFile& file : find_siblings(pool_, stem_)) {
            files.push_back({.directory = {},
                             .from = file.name,
                             .to = new_stem_.text() + std::string(sibling_suffix(file.name)),
                             .identity = file.identity});
        }
        for (const NamedFile& file : find_settings_elsewhere(pool_, stem_, OutOfReach::Refuse)) {
            const std::filesystem::path path = file.name;
            const std::string to = sibling_name(new_stem_, Sibling::Settings);
            check_no_settings(path.parent_path() / to);
            files.push_back({.directory = path.parent_path(),
                             .from = path.filename(),
                             .to = to,
                             .identity = file.identity});
        }
        return files;
    }

    void decide() const {
        if (::renameat2(pool_.fd(), file_name_.c_str(), pool_.fd(), new_file_name_.c_str(),
                        RENAME_NOREPLACE) < 0) {
            throw refusal(errno);
        }
        if (::fsync(pool_.fd()) < 0) {
            throw errno_error("image {} is renamed, but may have its old name after a power loss: "
                              "cannot sync the directory of the pool",
                              quoted(name_.text()));
        }
    }

    Error refusal(int reason) const {
        const std::string path = quoted((pool_.path() / new_file_name_).string());
        switch (reason) {
        case EEXIST:
            return Error(Kind::Exists,
                         "{} exists and is no image; nothing was changed. Move it away, or give "
                         "another name",
                         path);
        case EXDEV:
            return Error(Kind::Unsupported,
                         "image {} lies in a lower layer of an overlay and cannot be renamed in "
                         "one step; nothing was changed",
                         quoted(name_.text()));
        case EINVAL:
            return Error(Kind::Unsupported,
                         "the file system of the pool {} cannot rename without overwriting; "
                         "nothing was changed",
                         quoted(pool_.path().string()));
        default:
            errno = reason;
            return errno_error("cannot rename image {} to {}", quoted(name_.text()), path);
        }
    }

    const Pool& pool_;
    const ImageName& name_;
    const ImageName& new_name_;
    Image found_;
    std::string file_name_;
    ImageName stem_;
    std::string new_file_name_;
    ImageName new_stem_;
    JobPlace place_;
    NameLock name_lock_;
    ImageLock image_lock_;
    ImageLock new_lock_; ///< reserves the name among our jobs
    std::optional<ImageLock> new_raw_lock_;
};

} // namespace

Renamed rename_image(const Pool& pool, const ImageName& name, const ImageName& new_name,
                     const std::vector<std::filesystem::path>& search) {
    check_unused(search, new_name, pool.image_class()); // "exists" says more than "in use"
    sweep(pool);
    return Renaming(pool, name, new_name, search).run();
}

} // namespace slipway::storage
