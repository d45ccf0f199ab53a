// The contract refuses by flag as well as by type: a descriptor that somebody else may switch to
// non-blocking or that only names a file is no input.

#include "importd/descriptor.hh"

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::importd {
namespace {

// Status flags that import1.md §2 does not allow. What F_GETFL reports besides (O_NOFOLLOW,
// O_DIRECTORY, and O_LARGEFILE, which has no portable name) does no harm.
constexpr int kForeignFlags = O_NONBLOCK | O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_SYNC;

std::string_view type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a file";
    case S_IFDIR:
        return "a directory";
    case S_IFIFO:
        return "a pipe";
    case S_IFSOCK:
        return "a socket";
    case S_IFCHR:
        return "a character device";
    case S_IFBLK:
        return "a block device";
    default:
        return "of no known type";
    }
}

bool is_written(Wanted wanted) {
    return wanted == Wanted::Output || wanted == Wanted::Sink;
}

bool is_ours(Wanted wanted) {
    return wanted == Wanted::Stream || wanted == Wanted::Sink;
}

bool fits(mode_t mode, Wanted wanted) {
    switch (wanted) {
    case Wanted::Directory:
        return S_ISDIR(mode);
    case Wanted::Sink:
        return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode);
    case Wanted::Stream:
        return S_ISREG(mode) || S_ISFIFO(mode) || S_ISSOCK(mode);
    case Wanted::File:
    case Wanted::Output:
        break;
    }
    return S_ISREG(mode) || S_ISFIFO(mode);
}

using What = WrongDescriptor::What;

std::optional<WrongDescriptor> find_wrong_flags(int flags, Wanted wanted) {
    if ((flags & O_PATH) != 0) {
        return WrongDescriptor{
            What::Flags, "the descriptor was opened with O_PATH, for neither reading nor writing"};
    }
    if (is_written(wanted) && (flags & O_ACCMODE) == O_RDONLY) {
        return WrongDescriptor{What::Type,
                               "the descriptor was opened for reading only and cannot be written"};
    }
    if (!is_written(wanted) && (flags & O_ACCMODE) == O_WRONLY) {
        return WrongDescriptor{What::Type,
                               "the descriptor was opened for writing only and cannot be read"};
    }
    if (!is_ours(wanted) && (flags & kForeignFlags) != 0) {
        return WrongDescriptor{
            What::Flags,
            fmt::format("the descriptor has the status flags {:#o}; expected none besides its "
                        "access mode, above all not O_NONBLOCK and O_APPEND",
                        flags & kForeignFlags)};
    }
    return std::nullopt;
}

std::string_view words(Wanted wanted) {
    switch (wanted) {
    case Wanted::Directory:
        return "a directory";
    case Wanted::Stream:
    case Wanted::Sink:
        return "a file, a pipe or a socket";
    case Wanted::File:
    case Wanted::Output:
        break;
    }
    return "a file or a pipe";
}

} // namespace

std::optional<WrongDescriptor> find_wrong(int fd, Wanted wanted) {
    const int flags = ::fcntl(fd, F_GETFL);
    // fstat(2) would ask the server of a FUSE or NFS file, and wait for it: here we only want what
    // the kernel knows, which of a type is everything.
    struct statx status {};
    if (flags < 0 ||
        ::statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &status) != 0) {
        return WrongDescriptor{What::Type, "the descriptor is none: " + errno_text(errno)};
    }
    if (auto wrong = find_wrong_flags(flags, wanted)) {
        return wrong;
    }
    if (!fits(status.stx_mode, wanted)) {
        return WrongDescriptor{wanted == Wanted::Directory ? What::NotDirectory : What::Type,
                               fmt::format("the descriptor is {}; expected {}",
                                           type_of(status.stx_mode), words(wanted))};
    }
    return std::nullopt;
}

std::string describe(int fd) {
    std::error_code error;
    const auto name = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error);
    return to_utf8(name.string());
}

} // namespace slipway::importd
