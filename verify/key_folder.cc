// Written aside, synced, renamed, and the directory synced. What is aside ends in no suffix of a
// key, so that a crash leaves nothing that counts.

#include "verify/key_folder.hh"

#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "verify/key_places.hh"

namespace slipway::verify {
namespace {

constexpr std::string_view kAside = ".new";

// As if `root` were "/".
Fd open_below(int root, const std::string& path) {
    open_how how{};
    how.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    return Fd(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
}

// Opens every directory on the way, and makes those that are missing.
Fd open_or_make(const std::filesystem::path& root, const std::filesystem::path& below) {
    Fd top(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!top) {
        throw errno_error("cannot open {}", quoted(root.native()));
    }
    Fd parent = top.duplicate();
    std::filesystem::path way;
    for (const std::filesystem::path& part : below) {
        way /= part;
        Fd next = open_below(top.get(), way);
        if (!next && errno == ENOENT) {
            if (::mkdirat(parent.get(), part.c_str(), 0755) < 0) {
                throw errno_error("cannot make {}", quoted((root / way).native()));
            }
            if (::fchmodat(parent.get(), part.c_str(), 0755, 0) < 0) { // whatever the umask
                throw errno_error("cannot let others read {}", quoted((root / way).native()));
            }
            next = open_below(top.get(), way);
        }
        if (!next) {
            throw errno_error("cannot open {}", quoted((root / way).native()));
        }
        parent = std::move(next);
    }
    return parent;
}

} // namespace

KeyFolder::KeyFolder(const std::filesystem::path& root)
    : path_(root / kKeyDirectories.front()),
      directory_(open_or_make(root, kKeyDirectories.front())) {}

void KeyFolder::sync() {
    if (::fsync(directory_.get()) < 0) {
        throw errno_error("cannot sync {}", quoted(path_.native()));
    }
}

void KeyFolder::publish(const std::string& temporary, const std::string& name) {
    if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), name.c_str()) < 0) {
        const int number = errno;
        ::unlinkat(directory_.get(), temporary.c_str(), 0);
        errno = number;
        throw errno_error("cannot make {}", quoted((path_ / name).native()));
    }
    sync();
}

void KeyFolder::write(const std::string& name, std::string_view content) {
    const std::string temporary = "." + name + std::string(kAside);
    ::unlinkat(directory_.get(), temporary.c_str(), 0); // of a run that was cut off
    try {
        Fd file(::openat(directory_.get(), temporary.c_str(),
                         O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
        if (!file) {
            throw errno_error("cannot make a file");
        }
        write_all(file.get(), content);
        if (::fchmod(file.get(), 0644) < 0 || ::fsync(file.get()) < 0) {
            throw errno_error("cannot sync the file");
        }
        file.close();
    } catch (Error& error) {
        ::unlinkat(directory_.get(), temporary.c_str(), 0);
        error.add_context("writing {}", quoted((path_ / name).native()));
        throw;
    }
    publish(temporary, name);
}

void KeyFolder::remove(const std::string& name) {
    if (::unlinkat(directory_.get(), name.c_str(), 0) < 0) {
        throw errno_error("cannot remove {}", quoted((path_ / name).native()));
    }
    sync();
}

void KeyFolder::mask(const std::string& name) {
    const std::string temporary = "." + name + std::string(kAside);
    ::unlinkat(directory_.get(), temporary.c_str(), 0);
    if (::symlinkat("/dev/null", directory_.get(), temporary.c_str()) < 0) {
        throw errno_error("cannot mask {}", quoted((path_ / name).native()));
    }
    publish(temporary, name);
}

} // namespace slipway::verify
