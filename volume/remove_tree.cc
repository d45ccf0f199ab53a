// Directories deeper than kMaxDepth are moved up to the top before they are emptied: so neither
// descriptors nor the stack grow with the depth, and ".." is never used, which a tree that still
// moves could turn into a way out.

#include "volume/remove_tree.hh"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <dirent.h>
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

constexpr unsigned kMaxDepth = 64;
constexpr std::size_t kEntriesAtOnce = 2048;

// A tree of fewer directories in its first levels is not worth a thread.
constexpr unsigned kMostWorkers = 4;
constexpr unsigned kPartLevels = 3;
constexpr std::size_t kMostParts = 4096;
constexpr std::size_t kWorthwhileParts = 16;

// A program that is being killed may still write into its staging for a moment.
constexpr int kMaxRounds = 100;

/// Whether a directory is of the tree that is removed, or the one that it lies in.
enum class Inside { No, Yes };

/// One tree within one subvolume.
class TreeRemover {
public:
    TreeRemover(int parent, const std::string& name) : parent_(parent), top_name_(name) {}

    void remove() { remove_directory(parent_, top_name_, 0); }

private:
    void remove_directory(int parent, const std::string& name, unsigned depth);
    void empty(int directory, unsigned depth);
    void move_to_top(int parent, const std::string& name);

    int parent_;
    std::string top_name_;
    Fd top_;
    std::uint64_t moved_ = 0;
};

/// Takes away what forbids to change a directory of the tree. True when there was something, so
/// that trying again makes sense.
bool open_up(int directory) noexcept {
    bool changed = clear_guards(directory).has_value();
    struct stat info {};
    if (::fstat(directory, &info) == 0 && (info.st_mode & 0700U) != 0700U) {
        changed = ::fchmod(directory, 0700) == 0 || changed;
    }
    return changed;
}

/// An entry without the flags that forbid its removal. A file that has other names outside of the
/// tree gets them back.
class Unguarded {
public:
    // Only regular files and directories have such flags; opening anything else could do something.
    Unguarded(int parent, const std::string& name) {
        struct stat info {};
        if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            (S_ISREG(info.st_mode) || S_ISDIR(info.st_mode))) {
            fd_ = open_beneath(parent, name, O_RDONLY);
            flags_ = clear_guards(fd_.get());
        }
    }
    ~Unguarded() {
        struct stat info {};
        if (flags_ && ::fstat(fd_.get(), &info) == 0 && S_ISREG(info.st_mode) &&
            info.st_nlink > 0) {
            restore_flags(fd_.get(), *flags_);
        }
    }
    Unguarded(const Unguarded&) = delete;
    Unguarded& operator=(const Unguarded&) = delete;
    bool changed() const noexcept { return flags_.has_value(); }

private:
    Fd fd_;
    std::optional<unsigned> flags_;
};

Error failure(std::string_view doing, const std::string& name) {
    if (errno == EXDEV || errno == EBUSY) {
        return Error(Kind::Busy, "something is mounted at {}; unmount it first", quoted(name));
    }
    return errno_error("cannot {} {}", doing, quoted(name));
}

bool is_forbidden() noexcept {
    return errno == EPERM || errno == EACCES;
}

/// False when it is a directory that holds something.
/// @param inside  whether `parent` is of the tree itself, and may be changed
bool unlink_entry(int parent, const std::string& name, int flags, Inside inside) {
    const auto unlinked = [&] {
        return ::unlinkat(parent, name.c_str(), flags) == 0 || errno == ENOENT;
    };
    bool done = unlinked();
    if (!done && is_forbidden()) {
        const int reason = errno;
        const bool opened = inside == Inside::Yes && open_up(parent);
        const Unguarded entry(parent, name);
        errno = reason;
        done = (opened || entry.changed()) && unlinked();
    }
    if (!done && errno != ENOTEMPTY && errno != EEXIST) {
        throw failure("remove", name);
    }
    return done;
}

/// For others than root: their own directory, which they may not read. fchmodat(2) would follow a
/// symlink that has taken its place.
bool allow_reading(int parent, const std::string& name) {
    const Fd fd = open_beneath(parent, name, O_PATH | O_DIRECTORY);
    return fd && ::chmod(fmt::format("/proc/self/fd/{}", fd.get()).c_str(), 0700) == 0;
}

/// Empty when it is no directory (any more).
Fd open_for_emptying(int parent, const std::string& name) {
    Fd fd = open_beneath(parent, name, O_RDONLY | O_DIRECTORY);
    if (!fd && errno == EACCES && allow_reading(parent, name)) {
        fd = open_beneath(parent, name, O_RDONLY | O_DIRECTORY);
    }
    if (!fd && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
        throw failure("open", name);
    }
    return fd;
}

/// A subvolume goes in one step where the kernel lets us; else it can be emptied afterwards.
bool remove_as_subvolume(int parent, const std::string& name, int fd) {
    clear_guards(fd);
    if (is_read_only_subvolume(fd)) {
        set_subvolume_read_only(fd, false);
    }
    return delete_subvolume(parent, name);
}

void TreeRemover::remove_directory(int parent, const std::string& name, unsigned depth) {
    const Inside inside = depth > 0 ? Inside::Yes : Inside::No;
    Fd directory = open_for_emptying(parent, name);
    if (!directory) {
        unlink_entry(parent, name, 0, inside);
        return;
    }
    if (is_subvolume(directory.get())) {
        if (remove_as_subvolume(parent, name, directory.get())) {
            return;
        }
        if (depth > 0) { // nothing can be moved out of it: it has a top of its own
            directory.reset();
            TreeRemover(parent, name).remove();
            return;
        }
    }
    const int fd = directory.get();
    if (depth == 0) {
        top_ = std::move(directory);
    }
    for (int round = 0; round < kMaxRounds; ++round) {
        empty(fd, depth);
        if (unlink_entry(parent, name, AT_REMOVEDIR, inside)) {
            return;
        }
    }
    throw Error(Kind::Busy, "somebody still writes into {}", quoted(name));
}

void TreeRemover::empty(int directory, unsigned depth) {
    for (;;) {
        std::vector<DirectoryEntry> entries = read_entries(directory, kEntriesAtOnce);
        if (entries.empty()) {
            return;
        }
        std::sort(entries.begin(), entries.end(),
                  [](const auto& a, const auto& b) { return a.inode < b.inode; });
        for (const DirectoryEntry& entry : entries) {
            if (entry.type != DT_DIR && entry.type != DT_UNKNOWN) {
                unlink_entry(directory, entry.name, 0, Inside::Yes);
            } else if (depth < kMaxDepth) {
                remove_directory(directory, entry.name, depth + 1);
            } else {
                move_to_top(directory, entry.name);
            }
        }
        // Only the top gets new entries while it is emptied.
        if (depth > 0 && entries.size() < kEntriesAtOnce) {
            return;
        }
    }
}

// It is found there by the next look at the top.
void TreeRemover::move_to_top(int parent, const std::string& name) {
    for (bool again = true;;) {
        const std::string aside = fmt::format(".#deep-{}", moved_++);
        const auto moved = [&] {
            return ::renameat2(parent, name.c_str(), top_.get(), aside.c_str(), RENAME_NOREPLACE) ==
                   0;
        };
        if (moved()) {
            return;
        }
        if (is_forbidden() && std::exchange(again, false)) {
            open_up(parent);
            open_up(top_.get());
            const Unguarded entry(parent, name);
            if (moved()) {
                return;
            }
        }
        if (errno != EEXIST) {
            throw failure("move up", name);
        }
    }
}

/// A directory of the tree, by its place below the top.
struct Part {
    std::string parent; ///< empty: the top
    std::string name;
};

void add_parts(int top, const std::string& path, std::vector<Part>& parts) {
    const Fd directory = open_beneath(top, path.empty() ? "." : path, O_RDONLY | O_DIRECTORY);
    while (directory && parts.size() < kMostParts) {
        const std::vector<DirectoryEntry> entries = next_entries(directory.get(), kEntriesAtOnce);
        if (entries.empty()) {
            return;
        }
        for (const DirectoryEntry& entry : entries) {
            if (entry.type == DT_DIR) {
                parts.push_back({path, entry.name});
            }
        }
    }
}

/// Directories of the first levels, the deepest first.
std::vector<Part> parts_of(int top) {
    std::vector<Part> parts;
    add_parts(top, "", parts);
    std::size_t begin = 0;
    for (unsigned level = 1; level < kPartLevels; ++level) {
        const std::size_t end = parts.size();
        for (; begin < end && parts.size() < kMostParts; ++begin) {
            const Part part = parts[begin];
            add_parts(top, part.parent.empty() ? part.name : part.parent + "/" + part.name, parts);
        }
        begin = end;
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}

void remove_part(int top, const Part& part) {
    const Fd parent =
        open_beneath(top, part.parent.empty() ? "." : part.parent, O_RDONLY | O_DIRECTORY);
    if (parent) {
        TreeRemover(parent.get(), part.name).remove();
    }
}

/// Deletes most of a large tree by several threads. What is left is for the walk that follows,
/// which alone answers for the whole: it meets again whatever fails here, and says why.
class PartsRemover {
public:
    PartsRemover(int parent, const std::string& name)
        : top_(open_beneath(parent, name, O_RDONLY | O_DIRECTORY)) {
        if (top_ && !is_subvolume(top_.get())) { // that goes in one step
            parts_ = parts_of(top_.get());
        }
    }

    void run() {
        const unsigned workers = std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
        if (workers == 1 || parts_.size() < kWorthwhileParts) {
            return;
        }
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < workers; ++i) {
            threads.emplace_back([this] { work(); });
        }
        work();
    }

private:
    void work() noexcept {
        for (std::size_t i = next_++; i < parts_.size(); i = next_++) {
            try {
                remove_part(top_.get(), parts_[i]);
            } catch (const std::exception&) {
                continue;
            }
        }
    }

    Fd top_;
    std::vector<Part> parts_;
    std::atomic<std::size_t> next_{0};
};

void remove_parts(int parent, const std::string& name) noexcept {
    try {
        PartsRemover(parent, name).run();
    } catch (const std::exception&) {
        return; // no memory, no thread: then all is left
    }
}

} // namespace

void remove_tree(int parent, const std::string& name) {
    struct stat info {};
    if (::fstatat(parent, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT) {
            return;
        }
        throw errno_error("cannot look at {}", quoted(name));
    }
    if (S_ISDIR(info.st_mode)) {
        remove_parts(parent, name);
        TreeRemover(parent, name).remove();
    } else {
        unlink_entry(parent, name, 0, Inside::No);
    }
}

} // namespace slipway::volume
