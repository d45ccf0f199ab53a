// libbtrfsutil could recurse by itself, but leaves new times on the directories that nested ones
// lie in, and stops at one that is immutable.

#include "volume/snapshot.hh"

#include <array>
#include <cerrno>
#include <optional>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"
#include "volume/inode_flags.hh"
#include "volume/subvolume.hh"

namespace slipway::volume {
namespace {

/// A directory that is changed once more, with the times and flags that it has had.
class Unchanged {
public:
    explicit Unchanged(int fd) : fd_(fd), flags_(clear_guards(fd)) {
        if (::fstat(fd, &info_) < 0) {
            throw errno_error("cannot look at a directory of the snapshot");
        }
    }
    ~Unchanged() {
        const std::array times{info_.st_atim, info_.st_mtim};
        ::futimens(fd_, times.data());
        if (flags_) {
            restore_flags(fd_, *flags_);
        }
    }
    Unchanged(const Unchanged&) = delete;
    Unchanged& operator=(const Unchanged&) = delete;

private:
    int fd_;
    std::optional<unsigned> flags_;
    struct stat info_ {};
};

// The new one takes the place of the empty directory that stands for it.
void add_nested(int source, int top, const std::string& path) {
    const Fd from = open_beneath(source, path, O_RDONLY | O_DIRECTORY);
    if (!from && errno == EXDEV) {
        return; // something is mounted there
    }
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == path.npos ? path : path.substr(slash + 1);
    const Fd parent =
        open_beneath(top, slash == path.npos ? "" : path.substr(0, slash), O_RDONLY | O_DIRECTORY);
    if (!from || !parent) {
        throw errno_error("cannot open the nested subvolume {}", quoted(path));
    }
    const Unchanged unchanged(parent.get());
    if (::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) < 0) {
        throw errno_error("cannot make room for the nested subvolume {}", quoted(path));
    }
    make_flat_snapshot(from.get(), parent.get(), name);
}

} // namespace

void make_snapshot(int source, int parent, const std::string& name) {
    make_flat_snapshot(source, parent, name);
    const Fd top = open_directory(parent, name);
    clear_guards(top.get());
    for (const std::string& path : nested_subvolumes(source)) {
        add_nested(source, top.get(), path);
    }
}

} // namespace slipway::volume
