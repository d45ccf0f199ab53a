// Each probe leaves the directory as it was.

#include "volume/probe.hh"

#include <array>
#include <string>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "volume/inode_flags.hh"

namespace slipway::volume {
namespace {

/// A file that is gone at the end, whichever name it has then.
class ProbeFile {
public:
    ProbeFile(int directory, const char* name)
        : directory_(directory), name_(name),
          fd_(::openat(directory, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) {
        if (!fd_) {
            throw errno_error("cannot make a file in the pool");
        }
    }
    ~ProbeFile() { ::unlinkat(directory_, name_, 0); }
    ProbeFile(const ProbeFile&) = delete;
    ProbeFile& operator=(const ProbeFile&) = delete;
    int fd() const noexcept { return fd_.get(); }

private:
    int directory_;
    const char* name_;
    Fd fd_;
};

constexpr const char* kFirst = ".#probe-1";
constexpr const char* kSecond = ".#probe-2";

} // namespace

bool can_rename_without_replacing(int directory) {
    const ProbeFile file(directory, kFirst);
    if (::renameat2(directory, kFirst, directory, kSecond, RENAME_NOREPLACE) < 0) {
        return false;
    }
    ::unlinkat(directory, kSecond, 0);
    return true;
}

bool can_exchange(int directory) {
    const ProbeFile first(directory, kFirst);
    const ProbeFile second(directory, kSecond);
    return ::renameat2(directory, kFirst, directory, kSecond, RENAME_EXCHANGE) == 0;
}

bool can_reflink(int directory) {
    const ProbeFile from(directory, kFirst);
    const ProbeFile to(directory, kSecond);
    static constexpr std::array<char, 4096> content{};
    return ::write(from.fd(), content.data(), content.size()) ==
               static_cast<ssize_t>(content.size()) &&
           ::ioctl(to.fd(), FICLONE, from.fd()) == 0;
}

// A file system that cannot share blocks says so of empty files, too.
bool can_share_blocks(int directory) noexcept {
    const auto make = [directory] {
        return Fd(::openat(directory, ".", O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600));
    };
    const Fd from = make();
    const Fd to = make();
    return from && to && ::ioctl(to.get(), FICLONE, from.get()) == 0;
}

bool can_hold_attributes(int directory, std::size_t size_bytes) {
    static constexpr const char* name = "user.slipway.probe";
    const std::string value(size_bytes, ' ');
    if (::fsetxattr(directory, name, value.data(), value.size(), 0) < 0) {
        return false;
    }
    ::fremovexattr(directory, name);
    return true;
}

bool can_be_immutable(int directory) {
    try {
        set_immutable(directory, true);
        set_immutable(directory, false);
        return true;
    } catch (const Error&) {
        return false;
    }
}

} // namespace slipway::volume
