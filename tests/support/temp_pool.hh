// A pool in a directory of its own, gone with everything in it at the end of the test.

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/fd.hh"
#include "storage/pool.hh"
#include "tests/support/loop_fs.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

class TempPool {
public:
    /// On the file system of the temporary directory.
    TempPool() : directory_(std::in_place), path_(*directory_ / "pool") { make(); }
    /// The directory "pool" of `fs`, which outlives it.
    explicit TempPool(const LoopFs& fs) : TempPool(fs / "pool") {}
    /// A new directory, on the file system that it lies on.
    explicit TempPool(std::filesystem::path path) : path_(std::move(path)) { make(); }
    ~TempPool() {
        // A read-only image is an immutable directory, which nothing removes as it is.
        for (const std::string& name : entries()) {
            clear_immutable(path_ / name);
        }
    }
    TempPool(const TempPool&) = delete;
    TempPool& operator=(const TempPool&) = delete;

    const std::filesystem::path& path() const noexcept { return path_; }
    std::filesystem::path operator/(const std::filesystem::path& name) const {
        return path_ / name;
    }
    storage::Pool open() const { return storage::Pool::open(path_); }

    /// All names in it, hidden ones, staging and lock files included.
    std::set<std::string> entries() const {
        std::set<std::string> names;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }

private:
    void make() const {
        use_private_run(); // where images are locked: what killed jobs leave there goes with us
        std::filesystem::create_directory(path_);
    }
    static void clear_immutable(const std::filesystem::path& path) noexcept {
        const Fd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        int flags = 0;
        if (fd && ::ioctl(fd.get(), FS_IOC_GETFLAGS, &flags) == 0 &&
            (flags & FS_IMMUTABLE_FL) != 0) {
            flags &= ~FS_IMMUTABLE_FL;
            ::ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
        }
    }

    std::optional<TempDir> directory_;
    std::filesystem::path path_;
};

} // namespace slipway::tests
