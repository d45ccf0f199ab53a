// Publishing a staging. What happens at a crash between any two lines: docs/on-disk.md.

#include <array>

#include <endian.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/staging.hh"
#include "storage/staging_state.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {
namespace {

// Each round the name was taken or left by somebody else while we renamed.
constexpr int kMaxRounds = 10;

constexpr const char* kCreatedAttribute = "user.crtime_usec";

// Without privileges an attribute needs the right to write, which the image's top may not give.
int set_attribute(int fd, const std::string& value) noexcept {
    const auto set = [&] {
        return ::fsetxattr(fd, kOriginAttribute, value.data(), value.size(), 0);
    };
    struct stat info {};
    if (set() == 0) {
        return 0;
    }
    if (errno != EACCES || ::fstat(fd, &info) < 0 || ::fchmod(fd, info.st_mode | 0200U) < 0) {
        return -1;
    }
    const int result = set();
    const int reason = errno;
    ::fchmod(fd, info.st_mode);
    errno = reason;
    return result;
}

} // namespace

void Staging::State::store(const Provenance& provenance) {
    if (provenance.json.size() > kMaxProvenanceBytes) {
        throw Error(Kind::Limit, "the note where the image came from is longer than {} bytes",
                    kMaxProvenanceBytes);
    }
    if (set_attribute(root.get(), provenance.json) < 0 && holds_origin) {
        throw errno_error("cannot store where the image came from");
    }
}

// systemd keeps the time of creation in the attribute, and lists the older of it and the birth of
// the file.
void Staging::State::store_times() {
    if (!modified) {
        return;
    }
    const std::array<timespec, 2> times = {timespec{.tv_sec = 0, .tv_nsec = UTIME_OMIT}, *modified};
    if (::futimens(root.get(), times.data()) < 0) {
        throw errno_error("cannot set the time of the image");
    }
    const std::int64_t created_at =
        created_us.value_or(modified->tv_sec * 1'000'000 + modified->tv_nsec / 1'000);
    const auto created = htole64(static_cast<std::uint64_t>(created_at));
    if (created_at > 0 &&
        ::fsetxattr(root.get(), kCreatedAttribute, &created, sizeof created, 0) < 0) {
        debug("the time of creation is not kept: {}", errno_text(errno));
    }
}

// A subvolume and a file carry their mark with them through the rename; a directory has to wait
// for it.
void Staging::State::mark() {
    const bool read_only = spec.read_only == ReadOnly::Yes;
    if (type == ImageType::Subvolume && read_only) {
        volume::set_subvolume_read_only(root.get(), true);
    }
    if (type == ImageType::Raw && ::fchmod(root.get(), read_only ? 0444 : 0644) < 0) {
        throw errno_error("cannot set the mode of the image");
    }
    for (const auto& [kind, file] : siblings) {
        if (carried.count(kind) == 0 && ::fchmod(file.get(), 0644) < 0) {
            throw errno_error("cannot set the mode of the image's {}", quoted(suffix(kind)));
        }
    }
}

// A tree may have written anywhere; of a disk only these files are, and syncfs(2) would wait for
// what others have written as well. A snapshot in which nothing was written needs neither: btrfs
// commits a transaction to make it, and another one when the directory in which a subvolume was
// renamed is synced; what it was given between (attributes, the mark) is in that one or before.
void Staging::State::sync() {
    const auto check = [this](int result) {
        if (result < 0) {
            throw errno_error("cannot write the image to the disk of the pool {}",
                              quoted(pool.path().string()));
        }
    };
    const bool has_directory = siblings.count(Sibling::TpmState) > 0;
    if ((type != ImageType::Raw && has_data_to_sync()) || has_directory) {
        check(::syncfs(root.get()));
        return;
    }
    if (type == ImageType::Raw) {
        check(::fsync(root.get()));
    }
    for (const auto& [kind, file] : siblings) {
        check(::fsync(file.get()));
    }
}

Plan Staging::State::make_plan(const std::optional<Target>& target) const {
    Plan plan{
        .name = entry,
        .fresh = find_identity(pool.fd(), place.names().content).value_or(""),
        .read_only = spec.read_only == ReadOnly::Yes && type == ImageType::Directory,
        .old_name = target ? target->file_name : "",
        .old = target ? target->identity : "",
        .old_immutable = target && target->immutable,
    };
    plan_siblings(plan, target);
    return plan;
}

// False when somebody was faster: look again.
bool Staging::State::try_to_publish() {
    place.check();
    image_lock->check();
    if (raw_lock) {
        raw_lock->check();
    }
    const std::optional<Target> target = claim_target();
    const HiddenNames& names = place.names();
    const bool exchange = target && target->file_name == entry;
    const Plan plan = make_plan(target);
    if (plan.is_needed()) {
        write_plan(pool.fd(), names, plan);
        prepare(pool.fd(), plan);
    }
    if (::renameat2(pool.fd(), names.content.c_str(), pool.fd(), entry.c_str(),
                    exchange ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
        return true;
    }
    const int reason = errno;
    carry_out_plan(pool, names); // undoes it
    ::unlinkat(pool.fd(), names.plan.c_str(), 0);
    if (reason == (exchange ? ENOENT : EEXIST)) {
        return false;
    }
    if (reason == EXDEV) {
        throw Error(Kind::Unsupported,
                    "image {} lies in a lower layer of an overlay and cannot be exchanged; nothing "
                    "was changed",
                    quoted(entry));
    }
    errno = reason;
    throw errno_error("cannot give the image its name {}", quoted(entry));
}

void Staging::State::publish() {
    for (int round = 0; !try_to_publish(); ++round) {
        if (round == kMaxRounds) {
            throw Error(Kind::Busy,
                        "the name {} is taken and left by others all the time; nothing was stored. "
                        "Try again later",
                        quoted(spec.name.text()));
        }
    }
    if (::fsync(pool.fd()) < 0) {
        throw errno_error("image {} is in place, but it may not survive a power loss: cannot sync "
                          "the directory of the pool",
                          quoted(spec.name.text()));
    }
}

void Staging::State::finish() {
    try {
        carry_out_plan(pool, place.names());
    } catch (Error& error) {
        error.add_context("image {} is in place, but not all is done", quoted(spec.name.text()));
        error.add_advice("; the next job in this pool tries again");
        throw;
    }
    place.settle();
}

std::filesystem::path Staging::commit(const Verdict& verdict, const Provenance& provenance,
                                      const std::function<void(CommitStep)>& on_step) && {
    debug("committing {}: {}", state_->spec.name.text(), verdict.sentence());
    const std::unique_ptr<State> state = std::move(state_);
    const auto say = [&](CommitStep step) {
        if (on_step) {
            on_step(step);
        }
    };
    try {
        say(CommitStep::Sync);
        state->store(provenance);
        state->store_times();
        state->mark();
        state->sync();
        say(CommitStep::Rename);
        state->publish();
    } catch (Error& error) {
        if (error.kind() == Kind::NoSpace) {
            error.add_advice("; " + state->space() + "; nothing was stored");
        }
        throw;
    }
    state->finish();
    return state->pool.path() / state->entry;
}

} // namespace slipway::storage
