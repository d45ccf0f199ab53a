// A stack of directories, each with the names that are left. Only the innermost ones are open; one
// that was closed for want of descriptors is found again from the root and must be the same.

#include "export/tree_walk.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <limits>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"
#include "volume/inode_id.hh"

namespace slipway::exports {
namespace {

constexpr std::size_t kOpenDirectories = 24; // of the 64 files that a transfer asks for

struct Frame {
    Fd fd; ///< none: closed meanwhile
    volume::InodeId id;
    std::size_t path_size = 0; ///< of its own path
    std::vector<volume::DirectoryEntry> entries;
    std::size_t next = 0;
};

class Walk {
public:
    Walk(int root, const std::function<void(TreeItem&)>& visit) : root_(root), visit_(visit) {}

    WalkedTree run() {
        TreeItem top;
        top.fd = volume::open_beneath(root_, "", O_RDONLY | O_DIRECTORY);
        if (!top.fd) {
            throw errno_error("cannot open the top of the tree");
        }
        enter(top);
        while (!stack_.empty()) {
            Frame& frame = stack_.back();
            if (frame.next == frame.entries.size()) {
                leave();
                continue;
            }
            visit_entry(frame, frame.entries[frame.next++]);
        }
        return walked_;
    }

private:
    void visit_entry(Frame& frame, const volume::DirectoryEntry& entry);
    bool open_item(int directory, const volume::DirectoryEntry& entry, TreeItem& item);
    void look_at(int directory, const std::string& name, TreeItem& item);
    void enter(TreeItem& item);
    void leave();
    int directory_of(Frame& frame);

    int root_;
    const std::function<void(TreeItem&)>& visit_;
    std::vector<Frame> stack_;
    std::size_t shallowest_open_ = 0; ///< in the stack
    int working_directory_ = -1;      ///< of `fd` of which frame, by number
    std::string path_;                ///< of what is visited
    WalkedTree walked_;
};

std::string read_target(int directory, const std::string& name) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(directory, name.c_str(), target.data(), target.size());
    if (size < 0) {
        throw errno_error("cannot read where it leads");
    }
    return {target.data(), static_cast<std::size_t>(size)};
}

void Walk::visit_entry(Frame& frame, const volume::DirectoryEntry& entry) {
    const std::size_t directory_size = path_.size();
    path_ += path_.empty() ? entry.name : "/" + entry.name;
    try {
        TreeItem item;
        item.path = path_;
        if (open_item(directory_of(frame), entry, item)) {
            if (S_ISDIR(item.info.st_mode) && item.fd) {
                enter(item);
                return; // its path stays until it is left
            }
            visit_(item);
        }
    } catch (Error& error) {
        error.add_context("{}", quoted(path_));
        throw;
    }
    path_.resize(directory_size);
}

// False when there is nothing to visit.
bool Walk::open_item(int directory, const volume::DirectoryEntry& entry, TreeItem& item) {
    if (entry.type != DT_REG && entry.type != DT_DIR) {
        if (::fstatat(directory, entry.name.c_str(), &item.info, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno == ENOENT) {
                ++walked_.vanished;
                return false;
            }
            throw errno_error("cannot look at it");
        }
        if (!S_ISREG(item.info.st_mode) && !S_ISDIR(item.info.st_mode)) {
            look_at(directory, entry.name, item);
            return true;
        }
    }
    item.fd = volume::open_beneath(directory, entry.name, O_RDONLY);
    if (!item.fd && errno == ENOENT) {
        ++walked_.vanished;
        return false;
    }
    if (!item.fd && errno == EXDEV) {
        ++walked_.mounts;
        return ::fstatat(directory, entry.name.c_str(), &item.info, AT_SYMLINK_NOFOLLOW) == 0 &&
               S_ISDIR(item.info.st_mode);
    }
    if (!item.fd || ::fstat(item.fd.get(), &item.info) < 0) {
        throw errno_error("cannot open it for reading");
    }
    if (!S_ISREG(item.info.st_mode) && !S_ISDIR(item.info.st_mode)) {
        throw Error(Kind::Busy, "it became something else while the tree was read");
    }
    item.attributes = volume::read_attributes(item.fd.get());
    return true;
}

// What is not opened: links, devices, fifos, sockets.
void Walk::look_at(int directory, const std::string& name, TreeItem& item) {
    if (S_ISLNK(item.info.st_mode)) {
        item.target = read_target(directory, name);
    }
    // There is no /proc where we are, so the one way to a name's attributes is a relative path.
    if (working_directory_ != directory && ::fchdir(directory) < 0) {
        throw errno_error("cannot enter its directory");
    }
    working_directory_ = directory;
    item.attributes = volume::read_attributes_here(name);
}

void Walk::enter(TreeItem& item) {
    if (item.path.empty()) {
        if (::fstat(item.fd.get(), &item.info) < 0) {
            throw errno_error("cannot look at the top of the tree");
        }
        item.attributes = volume::read_attributes(item.fd.get());
    }
    visit_(item);
    Frame frame;
    frame.id = {item.info.st_dev, item.info.st_ino};
    frame.path_size = path_.size();
    frame.entries = volume::next_entries(item.fd.get(), std::numeric_limits<std::size_t>::max());
    std::sort(frame.entries.begin(), frame.entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    frame.fd = std::move(item.fd);
    stack_.push_back(std::move(frame));
    if (stack_.size() - shallowest_open_ > kOpenDirectories) {
        stack_[shallowest_open_++].fd.reset();
    }
    working_directory_ = -1; // a number may come again
}

void Walk::leave() {
    stack_.pop_back();
    shallowest_open_ = std::min(shallowest_open_, stack_.size());
    working_directory_ = -1;
    path_.resize(stack_.empty() ? 0 : stack_.back().path_size);
}

int Walk::directory_of(Frame& frame) {
    if (!frame.fd) {
        const std::string path = path_.substr(0, frame.path_size);
        frame.fd = volume::open_beneath(root_, path, O_RDONLY | O_DIRECTORY);
        if (!frame.fd) {
            throw errno_error("cannot open its directory again");
        }
        if (!(volume::inode_id(frame.fd.get()) == frame.id)) {
            throw Error(Kind::Busy, "its directory was exchanged while the tree was read");
        }
        shallowest_open_ = stack_.size() - 1;
    }
    return frame.fd.get();
}

} // namespace

WalkedTree walk_tree(int root, const std::function<void(TreeItem&)>& visit) {
    return Walk(root, visit).run();
}

} // namespace slipway::exports
