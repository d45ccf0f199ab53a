// Publishing a staging. What happens at a crash between any two lines: docs/on-disk.md.

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
#include "storage/subvolume.hh"

namespace slipway::storage {
namespace {

// Each round the name was taken or left by somebody else while we renamed.
constexpr int kMaxRounds = 10;

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

// A subvolume carries its mark with it through the rename; a directory has to wait for it.
void Staging::State::mark_subvolume() {
    if (type == ImageType::Subvolume && spec.read_only == ReadOnly::Yes) {
        set_subvolume_read_only(root.get(), true);
    }
}

void Staging::State::sync() {
    if (::syncfs(root.get()) < 0) {
        throw errno_error("cannot write the image to the disk of the pool {}",
                          quoted(pool.path().string()));
    }
}

// False when somebody was faster: look again.
bool Staging::State::try_to_publish() {
    place.check();
    image_lock->check();
    const std::optional<Target> target = claim_target();
    const HiddenNames& names = place.names();
    const std::string& name = spec.name.text();
    const bool exchange = target && target->file_name == name;
    const Plan plan{
        .name = name,
        .fresh = find_identity(pool.fd(), names.content).value_or(""),
        .read_only = spec.read_only == ReadOnly::Yes && type == ImageType::Directory,
        .old_name = target ? target->file_name : "",
        .old = target ? target->identity : "",
        .old_immutable = target && target->immutable,
    };
    if (plan.is_needed()) {
        write_plan(pool.fd(), names, plan);
        prepare(pool.fd(), plan);
    }
    if (::renameat2(pool.fd(), names.content.c_str(), pool.fd(), name.c_str(),
                    exchange ? RENAME_EXCHANGE : RENAME_NOREPLACE) == 0) {
        return true;
    }
    const int reason = errno;
    carry_out_plan(pool.fd(), names); // undoes it
    ::unlinkat(pool.fd(), names.plan.c_str(), 0);
    if (reason == (exchange ? ENOENT : EEXIST)) {
        return false;
    }
    if (reason == EXDEV) {
        throw Error(Kind::Unsupported,
                    "image {} lies in a lower layer of an overlay and cannot be exchanged; nothing "
                    "was changed",
                    quoted(name));
    }
    errno = reason;
    throw errno_error("cannot give the image its name {}", quoted(name));
}

void Staging::State::publish() {
    for (int round = 0; !try_to_publish(); ++round) {
        if (round == kMaxRounds) {
            throw Error(Kind::Busy, "the name {} is taken and left all the time",
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
        carry_out_plan(pool.fd(), place.names());
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
        state->mark_subvolume();
        state->sync();
        say(CommitStep::Rename);
        state->publish();
    } catch (Error& error) {
        if (error.kind() == Kind::NoSpace) {
            error.add_advice("; " + state->pool.space() + "; nothing was stored");
        }
        throw;
    }
    state->finish();
    return state->pool.path() / state->spec.name.text();
}

} // namespace slipway::storage
