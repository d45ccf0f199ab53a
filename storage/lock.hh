// The lock of one image: the one that systemd-nspawn takes, so that ours and theirs exclude each
// other. Two files, both with open-file-description locks (fcntl(2) F_OFD_SETLK): ".#NAME.lck"
// beside the image, and /run/systemd/nspawn/locks/inode-DEV:INO (systemd's
// image_path_lock()). Never waits.

#pragma once

#include <optional>
#include <string>

#include "base/fd.hh"
#include "storage/lock_file.hh"
#include "storage/pool.hh"

namespace slipway::storage {

/// Held while it lives. Also for a name that nothing has yet: then only the file beside it, which
/// reserves the name in this pool.
///
/// Two things are done without: the global file where /run/systemd/nspawn/locks cannot be made or
/// written (not root); and, for a shared lock, the local file on a read-only file system, where
/// nobody can change the image either.
class ImageLock {
public:
    /// @param file_name  the image's entry in the pool ("web", "disk.raw")
    /// @throws Error Busy: names the holder (command, pid, unit) when it can be found;
    ///               InvalidArgument: the name is too long to have a lock file
    ImageLock(const Pool& pool, const std::string& file_name, LockMode mode);

    /// @throws Error Busy: somebody has removed a lock file that we hold, so it excludes nobody
    void check() const;

private:
    std::string file_name_;
    std::optional<LockFile> local_;
    std::optional<LockFile> global_;
};

/// Unlinks the lock files of an image that a dead process has left. Files that somebody holds stay.
void tidy_locks(const Pool& pool, const std::string& file_name);

/// The lock on a name while it is taken, /run/systemd/nspawn/locks/name-NAME: for the pools that
/// systemd searches for images, where one name is one image whatever the directory. For other
/// pools, and where the file cannot be made, nothing is held: ImageLock reserves the name there.
class NameLock {
public:
    /// @throws Error Busy
    NameLock(const Pool& pool, const ImageName& name);

private:
    std::optional<LockFile> file_;
};

} // namespace slipway::storage
