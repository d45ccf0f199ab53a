// openat2(2) with RESOLVE_IN_ROOT finds a parent once per change of directory; everything else is
// a call with a single name beside its descriptor.

#include "pull/directory_tree.hh"

#include <cerrno>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"

namespace slipway::pull {
namespace {

constexpr mode_t kBuilding = 0700;
constexpr mode_t kImplicit = 0755;

Fd open_in_root(int root, std::string_view path) {
    open_how how{};
    how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    const std::string name(path.empty() ? "." : path);
    return Fd(static_cast<int>(::syscall(SYS_openat2, root, name.c_str(), &how, sizeof how)));
}

// What a directory gets that the archive does not mention.
Metadata implicit_metadata() {
    Metadata metadata;
    metadata.mode = kImplicit;
    metadata.uid = ::geteuid();
    metadata.gid = metadata.uid == 0 ? 0 : ::getegid();
    return metadata;
}

struct stat stat_of(int fd) {
    struct stat found {};
    if (::fstat(fd, &found) < 0) {
        throw errno_error("cannot look at a directory");
    }
    return found;
}

} // namespace

DirectoryTree::DirectoryTree(int root, InodeWriter& inodes, Limits limits)
    : root_(root), inodes_(inodes), limits_(limits) {
    directories_.push_back({kNone, 0, "", implicit_metadata()});
    by_inode_.emplace(stat_of(root).st_ino, kRoot);
}

int DirectoryTree::open(std::string_view path) {
    return resolve(path).fd.get();
}

int DirectoryTree::find(std::string_view path) {
    if (const Resolved* known = lookup(path)) {
        return known->fd.get();
    }
    Fd fd = open_in_root(root_, path);
    if (!fd) {
        return -1;
    }
    const Node node = node_of(fd.get());
    return keep(std::string(path), std::move(fd), node).fd.get();
}

const DirectoryTree::Resolved* DirectoryTree::lookup(std::string_view path) noexcept {
    for (Resolved& known : resolved_) {
        if (known.used != 0 && known.path == path) {
            known.used = ++clock_;
            return &known;
        }
    }
    return nullptr;
}

const DirectoryTree::Resolved& DirectoryTree::resolve(std::string_view path) {
    if (const Resolved* known = lookup(path)) {
        return *known;
    }
    Fd fd = open_in_root(root_, path);
    if (!fd && errno == ENOENT) {
        return make_missing(path);
    }
    if (!fd && (errno == ENOTDIR || errno == ELOOP)) {
        throw Error(Kind::Corrupt, "{} is not a directory in this archive: {}", quoted(path),
                    errno_text(errno));
    }
    if (!fd) {
        throw errno_error("cannot open its directory");
    }
    const Node node = node_of(fd.get());
    return keep(std::string(path), std::move(fd), node);
}

const DirectoryTree::Resolved& DirectoryTree::keep(std::string path, Fd fd, Node node) {
    Resolved* place = &resolved_.front();
    for (Resolved& known : resolved_) {
        if (known.used != 0 && known.path == path) {
            place = &known;
            break;
        }
        place = known.used < place->used ? &known : place;
    }
    *place = {std::move(path), std::move(fd), node, ++clock_};
    return *place;
}

const DirectoryTree::Resolved& DirectoryTree::make_missing(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const bool at_top = slash == std::string_view::npos;
    const Resolved& parent = resolve(path.substr(0, at_top ? 0 : slash));
    const std::string name(path.substr(at_top ? 0 : slash + 1));
    if (::mkdirat(parent.fd.get(), name.c_str(), kBuilding) < 0) {
        if (errno == EEXIST) {
            throw Error(Kind::Corrupt, "{} is a symlink that leads to no directory of this archive",
                        quoted(path));
        }
        throw inodes_.disk_error("cannot make the directory " + quoted(path));
    }
    Fd fd = open_made(parent.fd.get(), name.c_str());
    const Node node = add(parent.node, name.c_str(), stat_of(fd.get()).st_ino, implicit_metadata());
    return keep(std::string(path), std::move(fd), node);
}

void DirectoryTree::make(const EntryName& name, Metadata metadata) {
    charge(metadata, 0);
    if (name.is_root()) {
        directories_[kRoot].metadata = std::move(metadata);
        return;
    }
    const Resolved& parent = resolve(name.directory());
    const int at = parent.fd.get();
    const Node above = parent.node;
    Fd fd;
    if (::mkdirat(at, name.base(), kBuilding) < 0) {
        if (errno != EEXIST) {
            throw inodes_.disk_error("cannot make the directory");
        }
        fd.reset(::openat(at, name.base(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (fd) {
            const Node node = node_of(fd.get());
            directories_[node].metadata = std::move(metadata);
            keep(name.path(), std::move(fd), node);
            return;
        }
        // The cache, and with it `at`, goes with the name that is removed.
        const Fd held(::fcntl(at, F_DUPFD_CLOEXEC, 0));
        remove(held.get(), name.base());
        make(name, std::move(metadata));
        return;
    }
    fd = open_made(at, name.base());
    const Node node = add(above, name.base(), stat_of(fd.get()).st_ino, std::move(metadata));
    keep(name.path(), std::move(fd), node);
}

void DirectoryTree::remove(int directory, const char* name) {
    if (::unlinkat(directory, name, 0) < 0) {
        throw errno_error("cannot replace what the archive had there before");
    }
    for (Resolved& known : resolved_) { // a path may have led through it
        known = {};
    }
}

DirectoryTree::Node DirectoryTree::node_of(int fd) const {
    const auto found = by_inode_.find(stat_of(fd).st_ino);
    if (found == by_inode_.end()) {
        throw Error(Kind::Internal, "the staging holds a directory that was not made by this job");
    }
    return found->second;
}

Fd DirectoryTree::open_made(int parent, const char* name) const {
    Fd fd(::openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open a directory just made");
    }
    return fd;
}

DirectoryTree::Node DirectoryTree::add(Node parent, const char* name, ino_t inode,
                                       Metadata metadata) {
    const std::uint32_t depth = directories_[parent].depth + 1;
    if (depth > limits_.depth) { // through symlinks the tree can be deeper than any name
        throw Error(Kind::Limit, "it lies more than {} directories deep, the limit on depth",
                    limits_.depth);
    }
    charge({}, sizeof(Directory) + 64 + std::char_traits<char>::length(name));
    const auto node = static_cast<Node>(directories_.size());
    directories_.push_back({parent, depth, name, std::move(metadata)});
    by_inode_[inode] = node;
    return node;
}

void DirectoryTree::charge(const Metadata& metadata, std::size_t bytes) {
    for (const Attribute& attribute : metadata.attributes) {
        bytes += sizeof(Attribute) + attribute.name.size() + attribute.value.size();
    }
    memory_bytes_ += bytes;
    if (memory_bytes_ > limits_.memory_bytes) {
        throw Error(Kind::Limit,
                    "its directories take more than {} to remember, the limit on memory",
                    format_size(limits_.memory_bytes));
    }
}

void DirectoryTree::lift(std::string_view top) {
    Node lifted = kNone;
    for (Node node = 1; node < directories_.size(); ++node) {
        Directory& directory = directories_[node];
        if (directory.parent == kRoot && directory.name == top) {
            lifted = node;
            directories_[kRoot].metadata = std::move(directory.metadata);
            directory.parent = kNone;
            break;
        }
    }
    for (Directory& directory : directories_) {
        if (directory.parent == lifted && lifted != kNone) {
            directory.parent = kRoot;
        }
    }
    for (Resolved& known : resolved_) {
        known = {};
    }
}

void DirectoryTree::finish() {
    std::vector<std::vector<Node>> children(directories_.size());
    for (Node node = 1; node < directories_.size(); ++node) {
        if (directories_[node].parent != kNone) {
            children[directories_[node].parent].push_back(node);
        }
    }
    finish_below(kRoot, root_, children);
    inodes_.apply_directory(root_, directories_[kRoot].metadata);
}

// As deep as the tree, which the limit on depth bounds.
void DirectoryTree::finish_below(Node node, int fd,
                                 const std::vector<std::vector<Node>>& children) {
    for (const Node child : children[node]) {
        const Directory& directory = directories_[child];
        Fd below(
            ::openat(fd, directory.name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!below) {
            throw errno_error("cannot open the directory {} again", quoted(path_of(child)));
        }
        finish_below(child, below.get(), children);
        try {
            inodes_.apply_directory(below.get(), directory.metadata);
        } catch (Error& error) {
            error.add_context("{}", quoted(path_of(child)));
            throw;
        }
    }
}

std::string DirectoryTree::path_of(Node node) const {
    std::string path;
    for (; node != kRoot && node != kNone; node = directories_[node].parent) {
        path.insert(0, path.empty() ? directories_[node].name : directories_[node].name + "/");
    }
    return path;
}

} // namespace slipway::pull
