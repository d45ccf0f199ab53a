// A lock file as systemd's make_lock_file() makes it: an open-file-description lock (fcntl(2)
// F_OFD_SETLK) on the whole of an otherwise empty file, unlinked by its exclusive holder. Nothing
// here ever waits.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hh"

namespace slipway::storage {

enum class LockMode { Shared, Exclusive };

/// Held while it lives. What counts is the inode: a lock on a file that its name does not lead to
/// any more is worth nothing.
class LockFile {
public:
    /// Takes the lock on `name` in `directory`, which is made (0600) when it is missing. Nothing
    /// when somebody holds it.
    /// @throws Error
    static std::optional<LockFile> take(int directory, std::string name, LockMode mode);
    /// The same for a file that exists; nothing also when it does not.
    static std::optional<LockFile> take_existing(int directory, std::string name, LockMode mode);
    /// Makes a new lock file with this content that is locked before anybody can see it (where the
    /// file system has O_TMPFILE). Nothing when the name exists.
    static std::optional<LockFile> make(int directory, std::string name, std::string_view content);

    LockFile(LockFile&&) noexcept = default;
    LockFile& operator=(LockFile&&) = delete;
    /// Releases, and unlinks the file when nobody else holds it.
    ~LockFile();

    /// Whether the name still leads to the file that is locked.
    bool still_named() const noexcept;
    const std::string& name() const noexcept { return name_; }
    std::string content() const;

private:
    LockFile(Fd directory, std::string name, Fd file, LockMode mode)
        : directory_(std::move(directory)), name_(std::move(name)), file_(std::move(file)),
          mode_(mode) {}
    static std::optional<LockFile> open_and_lock(int directory, std::string name, LockMode mode,
                                                 int extra_flags);
    static std::optional<LockFile> make_visibly(int directory, const std::string& name,
                                                std::string_view content);

    Fd directory_;
    std::string name_;
    Fd file_;
    LockMode mode_;
};

} // namespace slipway::storage
