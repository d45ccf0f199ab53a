// Making the hidden directory, and refusing early what cannot be committed later.

#include "storage/staging.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/directory.hh"
#include "storage/inode_flags.hh"
#include "storage/probe.hh"
#include "storage/removable.hh"
#include "storage/staging_state.hh"
#include "storage/subvolume.hh"

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

// What a directory inherits from the pool is not the image's: a set-group-ID pool hands down its
// group, a default ACL itself.
void make_plain(int fd) {
    if (::fchown(fd, ::geteuid(), ::getegid()) < 0 || ::fchmod(fd, 0755) < 0) {
        throw errno_error("cannot prepare the staging");
    }
    for (const char* acl : {"system.posix_acl_access", "system.posix_acl_default"}) {
        if (::fremovexattr(fd, acl) < 0 && errno != ENODATA && errno != EOPNOTSUPP) {
            throw errno_error("cannot remove the inherited ACL of the staging");
        }
    }
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
    : pool(the_pool), spec(checked(std::move(the_spec))), notes(sweep(pool).problems),
      place(pool, spec.id, spec.name.text()), name_lock(pool, spec.name) {
    if (spec.replace == Replace::No) {
        claim_target(); // "exists" says more than "in use"
    }
    image_lock.emplace(pool, spec.name.text(), LockMode::Exclusive);
    claim_target();
    make_root();
    probe_root();
}

std::optional<Target> Staging::State::claim_target() {
    std::optional<Target> target = find_target(pool, spec.name);
    if (!target) {
        return target;
    }
    if (spec.replace == Replace::No) {
        throw exists(pool, spec.name, *target);
    }
    if (const std::optional<Image> image = find_image(pool, spec.name)) {
        check_removable(pool, *image);
    }
    if (target->identity != locked) {
        std::optional<ImageLock>& lock =
            target->file_name == spec.name.text() ? image_lock : raw_lock;
        lock.reset();
        lock.emplace(pool, target->file_name, LockMode::Exclusive);
        locked = target->identity;
    }
    return target;
}

void Staging::State::make_root() {
    const std::string& hidden = place.names().content;
    if (spec.subvolume && pool.file_system().subvolumes) {
        make_subvolume(pool.fd(), hidden);
        type = ImageType::Subvolume;
    } else if (::mkdirat(pool.fd(), hidden.c_str(), 0700) < 0) {
        throw errno_error("cannot make the staging in the pool {}", quoted(pool.path().string()));
    }
    root = open_directory(pool.fd(), hidden);
    living = open_directory(pool.fd(), hidden);
    if (::flock(living.get(), LOCK_EX | LOCK_NB) < 0) {
        throw errno_error("cannot lock the staging");
    }
    make_plain(root.get());
}

void Staging::State::probe_root() {
    const int fd = root.get();
    const std::string where = pool.path().string();
    if (!can_rename_without_replacing(fd)) {
        throw Error(Kind::Unsupported,
                    "the file system of the pool {} cannot rename without overwriting; nothing was "
                    "changed. Use a pool on another one",
                    quoted(where));
    }
    if (spec.replace == Replace::Yes && !can_exchange(fd)) {
        throw Error(Kind::Unsupported,
                    "the file system of the pool {} cannot exchange two names in one step, which "
                    "--force needs; nothing was changed. Remove the image first",
                    quoted(where));
    }
    holds_origin = can_hold_attributes(fd, kMaxProvenanceBytes);
    if (!holds_origin) {
        notes.push_back(fmt::format("the file system of the pool {} has no room for attributes: "
                                    "where the image came from may not be stored with it",
                                    quoted(where)));
    }
    if (spec.read_only == ReadOnly::Yes && type == ImageType::Directory) {
        try {
            set_immutable(fd, true);
            set_immutable(fd, false);
        } catch (Error& error) {
            error.add_context("an image in the pool {} cannot be marked read-only", quoted(where));
            error.add_advice("; nothing was changed. Do without --read-only");
            throw;
        }
    }
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

} // namespace slipway::storage
