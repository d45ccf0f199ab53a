// Looked at when the archive is complete, by renames within the staging: its order is anybody's.

#include "pull/tree_shape.hh"

#include <cerrno>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/handle.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

using OpenDirectory = Handle<DIR, closedir>;

mode_t type_of(int directory, const char* name) {
    struct stat found {};
    const bool exists = ::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0;
    return exists ? found.st_mode & S_IFMT : 0;
}

bool exists(int directory, const char* name) {
    return type_of(directory, name) != 0;
}

Fd open_directory(int parent, const char* name) {
    Fd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open the directory {}", quoted(name));
    }
    return fd;
}

// Calls `visit` for each name until it returns false.
template <typename Visit>
void each_name(int directory, const Visit& visit) {
    Fd fd = open_directory(directory, ".");
    const OpenDirectory stream(::fdopendir(fd.get()));
    if (!stream) {
        throw errno_error("cannot list a directory");
    }
    fd.release(); // the stream's now
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string_view name(entry->d_name);
        if (name != "." && name != ".." && !visit(entry->d_name)) {
            return;
        }
    }
}

// A few at a time, since what `handle` gets is gone afterwards and there may be millions.
template <typename Wanted, typename Handler>
void take_all(int directory, const Wanted& wanted, const Handler& handle) {
    constexpr std::size_t kBatch = 1000;
    std::vector<std::string> names;
    do {
        names.clear();
        each_name(directory, [&](const char* name) {
            if (wanted(name)) {
                names.emplace_back(name);
            }
            return names.size() < kBatch;
        });
        for (const std::string& name : names) {
            handle(name.c_str());
        }
    } while (!names.empty());
}

bool is_system_tree(int directory) {
    return type_of(directory, "usr") == S_IFDIR ||
           (exists(directory, "bin") && type_of(directory, "etc") == S_IFDIR);
}

// The one directory at the top, when there are but plain files beside it.
std::string find_lone_top(int root) {
    std::string top;
    bool lone = true;
    each_name(root, [&](const char* name) {
        const mode_t type = type_of(root, name);
        lone = type == S_IFREG || (type == S_IFDIR && top.empty());
        if (type == S_IFDIR) {
            top = name;
        }
        return lone;
    });
    return lone ? top : std::string();
}

} // namespace

Hoisted hoist(int root, DirectoryTree& directories) {
    Hoisted result;
    const std::string top = find_lone_top(root);
    if (top.empty() || is_system_tree(root)) {
        return result;
    }
    const Fd inside = open_directory(root, top.c_str());
    if (!is_system_tree(inside.get())) {
        return result;
    }
    take_all(
        root, [&](const char* name) { return top != name; },
        [&](const char* name) {
            if (::unlinkat(root, name, 0) < 0) {
                throw errno_error("cannot leave out {}", quoted(name));
            }
            ++result.left_out;
        });
    // Out of the way, since the tree may hold a directory of the same name.
    std::string aside = ".#slipway-top";
    while (exists(inside.get(), aside.c_str())) {
        aside += '-';
    }
    if (::renameat(root, top.c_str(), root, aside.c_str()) < 0) {
        throw errno_error("cannot move {} up", quoted(top));
    }
    take_all(
        inside.get(), [](const char*) { return true; },
        [&](const char* name) {
            if (::renameat(inside.get(), name, root, name) < 0) {
                throw errno_error("cannot move {} up out of {}", quoted(name), quoted(top));
            }
        });
    if (::unlinkat(root, aside.c_str(), AT_REMOVEDIR) < 0) {
        throw errno_error("cannot remove {}, which is empty", quoted(top));
    }
    directories.lift(top);
    result.top = top;
    return result;
}

std::optional<std::string> find_layered_image(int root) {
    if (is_system_tree(root)) {
        return std::nullopt;
    }
    if (type_of(root, "manifest.json") == S_IFREG) {
        bool layers = type_of(root, "blobs") == S_IFDIR;
        each_name(root, [&](const char* name) {
            if (!layers && type_of(root, name) == S_IFDIR) {
                layers = exists(open_directory(root, name).get(), "layer.tar");
            }
            return !layers;
        });
        if (layers) {
            return "the archive is a container image in layers, as 'docker save' writes it, not a "
                   "tree; make "
                   "a container of it and take what 'docker export' or 'podman export' writes";
        }
    }
    if (type_of(root, "oci-layout") == S_IFREG && type_of(root, "index.json") == S_IFREG) {
        return "the archive is an OCI image layout, not a tree; unpack it with 'umoci unpack', or "
               "run it "
               "and take what 'podman export' writes";
    }
    return std::nullopt;
}

} // namespace slipway::pull
