// The lock of one image: the one that systemd-nspawn takes, so that ours and theirs exclude each
// other. Two files, both with open-file-description locks (fcntl(2) F_OFD_SETLK): ".#NAME.lck"
// beside the image, and /run/systemd/nspawn/locks/inode-DEV:INO (systemd's
// image_path_lock()). Never waits.

#pragma once

#include <optional>
#include <string>

#include "base/fd.hh"
#include "storage/pool.hh"

namespace slipway::storage {

enum class LockMode { Shared, Exclusive };

/// Held while it lives. The exclusive holder unlinks the files on release.
class ImageLock {
public:
    /// @param file_name  the image's entry in the pool ("web", "disk.raw")
    /// @throws Error Busy: names the holder (pid and command) when it can be found
    ImageLock(const Pool& pool, std::string file_name, LockMode mode);
    ~ImageLock();
    ImageLock(ImageLock&&) noexcept;
    ImageLock& operator=(ImageLock&&) = delete;

private:
    Fd pool_;
    std::string local_name_;
    std::string global_name_;
    Fd local_;
    Fd global_;
    LockMode mode_;
};

/// The lock on a name while it is taken: /run/systemd/nspawn/locks/name-NAME.
class NameLock {
public:
    /// @throws Error Busy
    explicit NameLock(const ImageName& name);
    ~NameLock();
    NameLock(NameLock&&) noexcept;
    NameLock& operator=(NameLock&&) = delete;

private:
    std::string file_;
    Fd fd_;
};

} // namespace slipway::storage
