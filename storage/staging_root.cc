// What a staging has in the pool: the hidden directory, subvolume or file, and what it is tried out
// for beforehand.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "storage/staging.hh"
#include "storage/staging_state.hh"
#include "volume/directory.hh"
#include "volume/inode_flags.hh"
#include "volume/plain.hh"
#include "volume/probe.hh"
#include "volume/snapshot.hh"
#include "volume/subvolume.hh"

namespace slipway::storage {
namespace {

Error cannot_make(const Pool& pool) {
    return errno_error("cannot make the staging in the pool {}", quoted(pool.path().string()));
}

} // namespace

void Staging::State::make_root() {
    if (spec.kind == ImageKind::Disk) {
        make_disk();
    } else {
        make_tree();
    }
    living.reset(::openat(pool.fd(), place.names().content.c_str(),
                          O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!living || ::flock(living.get(), LOCK_EX | LOCK_NB) < 0) {
        throw errno_error("cannot lock the staging");
    }
}

void Staging::State::make_tree() {
    const std::string& hidden = place.names().content;
    if (spec.snapshot_of >= 0) {
        probe_aside(); // in the snapshot itself it would leave new times
        volume::make_snapshot(spec.snapshot_of, pool.fd(), hidden);
        type = ImageType::Subvolume;
        root = volume::open_directory(pool.fd(), hidden);
        return;
    }
    if (spec.subvolume && pool.file_system().subvolumes) {
        volume::make_subvolume(pool.fd(), hidden);
        type = ImageType::Subvolume;
    } else if (::mkdirat(pool.fd(), hidden.c_str(), 0700) < 0) {
        throw cannot_make(pool);
    }
    root = volume::open_directory(pool.fd(), hidden);
    volume::make_plain(root.get(), 0755);
    probe_renames(root.get());
}

// On btrfs it is not copied on write, as systemd has it: what a running machine writes into the
// middle of its disk would break the file into pieces without end. The price is btrfs' checksums
// of its data. Also a read-only disk pays it, since btrfs shares no blocks between a file that is
// copied on write and one that is not, so that no clone of it could be a machine's disk.
void Staging::State::make_disk() {
    const std::string& hidden = place.names().content;
    probe_aside();
    root.reset(::openat(pool.fd(), hidden.c_str(),
                        O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!root) {
        throw cannot_make(pool);
    }
    volume::make_plain(root.get(), 0600);
    type = ImageType::Raw;
    const bool no_cow = spec.shares_with < 0 || volume::is_no_cow(spec.shares_with);
    if (pool.file_system().type == "btrfs" && !volume::set_no_cow(root.get(), no_cow)) {
        debug("whether the disk is copied on write, its file system does not let us choose");
    }
}

// In a directory that is there for an instant.
void Staging::State::probe_aside() {
    const std::string& hidden = place.names().content;
    if (::mkdirat(pool.fd(), hidden.c_str(), 0700) < 0) {
        throw cannot_make(pool);
    }
    probe_renames(volume::open_directory(pool.fd(), hidden).get());
    if (::unlinkat(pool.fd(), hidden.c_str(), AT_REMOVEDIR) < 0) {
        throw cannot_make(pool);
    }
}

void Staging::State::probe_renames(int directory) {
    const std::string where = pool.path().string();
    if (!volume::can_rename_without_replacing(directory)) {
        throw Error(Kind::Unsupported,
                    "the file system of the pool {} cannot rename without overwriting; nothing was "
                    "changed. Use a pool on another one",
                    quoted(where));
    }
    if (spec.replace == Replace::Yes && !volume::can_exchange(directory)) {
        throw Error(Kind::Unsupported,
                    "the file system of the pool {} cannot exchange two names in one step, which "
                    "--force needs; nothing was changed. Remove the image first",
                    quoted(where));
    }
}

void Staging::State::probe_root() {
    const int fd = root.get();
    const std::string where = pool.path().string();
    holds_origin = volume::can_hold_attributes(fd, kMaxProvenanceBytes);
    if (!holds_origin) {
        notes.push_back(fmt::format("the file system of the pool {} has no room for attributes: "
                                    "where the image came from may not be stored with it",
                                    quoted(where)));
    }
    if (spec.read_only == ReadOnly::Yes && type == ImageType::Directory) {
        try {
            volume::set_immutable(fd, true);
            volume::set_immutable(fd, false);
        } catch (Error& error) {
            error.add_context("an image in the pool {} cannot be marked read-only", quoted(where));
            error.add_advice("; nothing was changed. Do without --read-only");
            throw;
        }
    }
}

Fd Staging::make_scratch() const {
    const int pool = state_->pool.fd();
    Fd file(::openat(pool, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
    if (!file && (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT)) {
        const std::string& name = state_->place.names().scratch;
        file.reset(
            ::openat(pool, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (file && ::unlinkat(pool, name.c_str(), 0) < 0) {
            file.reset();
        }
    }
    if (!file) {
        throw errno_error("cannot make a scratch file in the pool {}",
                          quoted(state_->pool.path().string()));
    }
    return file;
}

} // namespace slipway::storage
