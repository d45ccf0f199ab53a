// Locks first, then what lies in the pool: all that can be refused is refused before anything is
// fetched.

#include "storage/staging.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/removable.hh"
#include "storage/staging_state.hh"

namespace slipway::storage {
namespace {

StagingSpec checked(StagingSpec spec) {
    if (!is_job_id(spec.id)) {
        throw Error(Kind::InvalidArgument,
                    "{} is not the number of a job: 16 hexadecimal digits are expected",
                    quoted(spec.id));
    }
    if (spec.name.text() == ".host") {
        throw Error(Kind::InvalidArgument,
                    "'.host' means the running system itself. Give another name");
    }
    return spec;
}

std::vector<std::string> names_in(const StagingSpec& spec) {
    std::vector<std::string> names = {spec.name.text()};
    if (spec.source_pool != nullptr) {
        names.push_back(spec.source);
    }
    return names;
}

Error exists(const Pool& pool, const ImageName& name, const Target& target) {
    return Error(Kind::Exists,
                 "image {} exists ({} {}); nothing was changed. Use --force to replace it, or give "
                 "another name",
                 quoted(name.text()), word(target.type),
                 quoted((pool.path() / target.file_name).string()));
}

} // namespace

Staging::State::State(const Pool& the_pool, StagingSpec the_spec)
    : pool(the_pool), spec(checked(std::move(the_spec))), entry(entry_name(spec.name, spec.kind)),
      notes(sweep(pool).problems), place(pool, spec.id, names_in(spec)),
      name_lock(pool, spec.name) {
    if (spec.source_pool != nullptr) {
        source_lock.emplace(*spec.source_pool, spec.source, LockMode::Shared);
    }
    if (spec.replace == Replace::No) {
        claim_target(); // "exists" says more than "in use"
    }
    image_lock.emplace(pool, spec.name.text(), LockMode::Exclusive);
    if (spec.kind == ImageKind::Disk) {
        raw_lock.emplace(pool, entry, LockMode::Exclusive);
    }
    claim_target();
    make_root();
    probe_root();
}

// A disk takes its name first and then the directory's away. That an overlay may refuse for one of
// a lower layer (EXDEV), when it is too late.
void Staging::State::check_way_out(const Target& target) const {
    if (target.file_name != entry && target.type == ImageType::Directory &&
        pool.file_system().type == "overlayfs") {
        throw Error(Kind::Unsupported,
                    "image {} is a directory on an overlay, where a disk cannot take its place in "
                    "one step; nothing was changed. Remove the image first",
                    quoted(target.file_name));
    }
}

std::optional<ImageLock>& Staging::State::lock_of(const std::string& file_name) {
    if (file_name == spec.name.text()) {
        return image_lock;
    }
    return file_name == spec.name.text() + ".raw" ? raw_lock : suffixed_lock;
}

std::optional<Target> Staging::State::claim_target() {
    std::optional<Target> target = find_target(pool, spec.name, spec.kind);
    if (!target) {
        return target;
    }
    if (spec.replace == Replace::No) {
        throw exists(pool, spec.name, *target);
    }
    if (const std::optional<Image> image = find_image(pool, spec.name)) {
        check_removable(pool, *image);
    }
    check_way_out(*target);
    if (target->identity != locked) {
        std::optional<ImageLock>& lock = lock_of(target->file_name);
        lock.reset();
        lock.emplace(pool, target->file_name, LockMode::Exclusive);
        locked = target->identity;
    }
    return target;
}

Staging::Staging(const Pool& pool, StagingSpec spec) try
    : state_(std::make_unique<State>(pool, std::move(spec))) {
} catch (Error& error) {
    if (error.kind() == Kind::NoSpace) {
        error.add_advice("; " + pool.space() + "; nothing was changed");
    }
    throw;
}

Staging::~Staging() = default;
Staging::Staging(Staging&&) noexcept = default;

int Staging::root() const noexcept {
    return state_->root.get();
}

ImageType Staging::type() const noexcept {
    return state_->type;
}

const std::vector<std::string>& Staging::notes() const noexcept {
    return state_->notes;
}

volume::FileSystem Staging::file_system() const {
    return state_->file_system();
}

std::string Staging::space() const {
    return state_->space();
}

void Staging::set_modified(std::chrono::sys_time<std::chrono::nanoseconds> when) noexcept {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(when);
    state_->modified =
        timespec{.tv_sec = seconds.time_since_epoch().count(), .tv_nsec = (when - seconds).count()};
}

void Staging::set_created(std::int64_t created_us) noexcept {
    state_->created_us = created_us;
}

bool Staging::has_data_to_sync() const noexcept {
    return state_->has_data_to_sync();
}

} // namespace slipway::storage
