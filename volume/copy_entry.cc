// What an entry is, is decided from the open file where one can be opened without effect, else from
// one look; a source that changes under us gives a counted line and never a wrong step.

#include "volume/copy_entry.hh"

#include <cerrno>
#include <climits>
#include <optional>

#include <dirent.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/copy_source.hh"
#include "volume/directory.hh"

namespace slipway::volume {
namespace {

constexpr std::uint64_t kWritebackBytes = 1 * MiB; // smaller files wait for the one syncfs(2)
constexpr mode_t kPermissions = 0777;

// A type that changes between two looks, again and again, is no accident.
constexpr int kMaxLooks = 10;

} // namespace

std::string path_below(const std::string& directory, std::string_view name) {
    std::string path = directory;
    if (!path.empty()) {
        path += '/';
    }
    return path.append(name);
}

void CopyShared::note(Occurrences CopiedTree::*what, const std::string& path, std::uint64_t count) {
    const std::lock_guard lock(mutex);
    Occurrences& occurrences = tree.*what;
    if (occurrences.count == 0) {
        occurrences.first = path;
    }
    occurrences.count += count;
}

void CopyShared::note_not_entered(const std::string& path) {
    const std::lock_guard lock(mutex);
    tree.not_entered.push_back(path);
}

EntryCopier::Below EntryCopier::copy(const CopyPlace& place, const std::string& name,
                                     unsigned char type, Metadata& made) {
    for (int look = 0; look < kMaxLooks; ++look) {
        if (type == DT_REG) {
            if (copy_file(place, name) == Done::Yes) {
                return Below::Nothing;
            }
        }
        const std::optional<struct statx> info = find_entry(place.source, name);
        if (!info) {
            vanished(place, name);
            return Below::Nothing;
        }
        if (S_ISDIR(info->stx_mode)) {
            return make_directory(place, name, *info, made);
        }
        if (!S_ISREG(info->stx_mode) && copy_other(place, name, *info) == Done::Yes) {
            return Below::Nothing;
        }
        type = DT_REG;
    }
    throw Error(Kind::Busy, "it changes from one type to another while it is copied");
}

EntryCopier::Done EntryCopier::copy_file(const CopyPlace& place, const std::string& name) {
    const Fd from = open_quietly(place.source, name);
    if (!from) {
        switch (errno) {
        case ENOENT:
            vanished(place, name);
            return Done::Yes;
        case EXDEV:
            make_stand_in(place, name);
            return Done::Yes;
        case ELOOP: // a symlink
        case ENXIO: // a socket
        case ENODEV:
            return Done::AnotherType;
        default:
            throw errno_error("cannot open it");
        }
    }
    const struct statx info = look_at(from.get());
    if (!S_ISREG(info.stx_mode)) {
        return Done::AnotherType;
    }
    if (info.stx_nlink > 1 && !is_first_name(place, name, info)) {
        return Done::Yes;
    }
    Fd to(::openat(place.target, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   info.stx_mode & kPermissions));
    if (!to) {
        return appeared_again(place, name, info, "it");
    }
    this->made(place, name, info);
    fill_file(from.get(), info, to.get(), path_below(place.directory.path, name));
    to.close();
    return Done::Yes;
}

void EntryCopier::fill_file(int from, const struct statx& info, int to, const std::string& path) {
    const Shared shared = contents_.copy(from, info, to);
    if (info.stx_size > 0) {
        ++shared_.files;
        shared_.shared_files += shared == Shared::Yes ? 1 : 0;
    }
    Metadata metadata = metadata_of(info);
    metadata.attributes = read_attributes(from);
    const unsigned left_out = shared_.metadata.apply(to, metadata, info.stx_mode & kPermissions);
    if (left_out != 0) {
        shared_.note(&CopiedTree::unsupported_attributes, path, left_out);
    }
    if (!is_same_version(info, look_at(from))) {
        shared_.note(&CopiedTree::changed, path);
    }
    if (shared == Shared::No && info.stx_size >= kWritebackBytes) {
        ::sync_file_range(to, 0, 0, SYNC_FILE_RANGE_WRITE); // a start; syncfs(2) tells the errors
    }
}

EntryCopier::Done EntryCopier::copy_other(const CopyPlace& place, const std::string& name,
                                          const struct statx& info) {
    const std::string path = path_below(place.directory.path, name);
    if (S_ISSOCK(info.stx_mode)) {
        shared_.note(&CopiedTree::sockets, path);
        return Done::Yes;
    }
    if (is_mount_point(info)) {
        make_stand_in(place, name);
        return Done::Yes;
    }
    Metadata metadata = metadata_of(info);
    std::string target;
    try {
        metadata.attributes = read_attributes_at(place.source, name);
        if (S_ISLNK(info.stx_mode)) {
            target = read_link(place.source, name);
        }
    } catch (const Error&) {
        const std::optional<struct statx> again = find_entry(place.source, name);
        if (again && id_of(*again) == id_of(info)) {
            throw;
        }
        return Done::AnotherType; // another thing altogether, if anything
    }
    if (info.stx_nlink > 1 && !is_first_name(place, name, info)) {
        return Done::Yes;
    }
    std::optional<mode_t> created;
    if (S_ISLNK(info.stx_mode)) {
        if (::symlinkat(target.c_str(), place.target, name.c_str()) < 0) {
            return appeared_again(place, name, info, "the symlink");
        }
    } else {
        created = info.stx_mode & kPermissions;
        if (::mknodat(place.target, name.c_str(), (info.stx_mode & S_IFMT) | *created,
                      makedev(info.stx_rdev_major, info.stx_rdev_minor)) < 0) {
            return appeared_again(place, name, info,
                                  S_ISFIFO(info.stx_mode) ? "the fifo" : "the device");
        }
    }
    this->made(place, name, info);
    const unsigned left_out = shared_.metadata.apply_at(place.target, name, metadata, created);
    if (left_out != 0) {
        shared_.note(&CopiedTree::unsupported_attributes, path, left_out);
    }
    return Done::Yes;
}

EntryCopier::Below EntryCopier::make_directory(const CopyPlace& place, const std::string& name,
                                               const struct statx& info, Metadata& made) {
    if (is_mount_point(info) || shared_.options.leave_out == id_of(info)) {
        make_stand_in(place, name);
        return Below::Nothing;
    }
    if (::mkdirat(place.target, name.c_str(), 0700) < 0) {
        appeared_again(place, name, info, "the directory");
        return Below::Nothing;
    }
    ++shared_.entries;
    made = metadata_of(info);
    return Below::Directory;
}

// Empty, with owner, mode and times as they are seen: what a mount hides cannot be.
void EntryCopier::make_stand_in(const CopyPlace& place, const std::string& name) {
    const std::optional<struct statx> found = find_entry(place.source, name);
    if (!found) {
        vanished(place, name);
        return;
    }
    const struct statx& info = *found;
    mode_t created = info.stx_mode & kPermissions;
    if (S_ISDIR(info.stx_mode)) {
        created = 0700;
        if (::mkdirat(place.target, name.c_str(), created) < 0) {
            throw errno_error("cannot make a directory in the place of a mount point");
        }
    } else if (::mknodat(place.target, name.c_str(), S_IFREG | created, 0) < 0) {
        throw errno_error("cannot make a file in the place of a mount point");
    }
    ++shared_.entries;
    shared_.metadata.apply_at(place.target, name, metadata_of(info), created);
    shared_.note_not_entered(path_below(place.directory.path, name));
}

// True: the inode is to be copied, and made() has to be called. Else its name is there now.
bool EntryCopier::is_first_name(const CopyPlace& place, const std::string& name,
                                const struct statx& info) {
    if (::faccessat(place.target, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        shared_.note(&CopiedTree::changed, path_below(place.directory.path, name));
        return false;
    }
    const std::optional<CopiedName> copied =
        shared_.links.find_or_claim(id_of(info), info.stx_nlink);
    if (!copied) {
        return true;
    }
    const Fd parent = open_beneath(shared_.target, copied->directory, O_PATH | O_DIRECTORY);
    if (!parent ||
        ::linkat(parent.get(), copied->name.c_str(), place.target, name.c_str(), 0) < 0) {
        throw errno_error("cannot link it to {}",
                          quoted(path_below(copied->directory, copied->name)));
    }
    ++shared_.entries;
    return false;
}

// A directory that is renamed in while it is read can show a name twice: the first one is kept.
EntryCopier::Done EntryCopier::appeared_again(const CopyPlace& place, const std::string& name,
                                              const struct statx& info, std::string_view what) {
    if (errno != EEXIST || (info.stx_nlink > 1 && !S_ISDIR(info.stx_mode))) {
        throw errno_error("cannot make {}", what);
    }
    shared_.note(&CopiedTree::changed, path_below(place.directory.path, name));
    return Done::Yes;
}

void EntryCopier::made(const CopyPlace& place, const std::string& name, const struct statx& info) {
    ++shared_.entries;
    if (info.stx_nlink > 1) {
        shared_.links.made(id_of(info), {place.directory.path, name});
    }
}

void EntryCopier::vanished(const CopyPlace& place, const std::string& name) {
    shared_.note(&CopiedTree::vanished, path_below(place.directory.path, name));
}

} // namespace slipway::volume
