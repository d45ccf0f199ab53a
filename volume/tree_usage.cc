// A directory is the unit of work: last in, first out, so that a tree is walked in depth and little
// of it waits, and only then the next tree. Entries that the directory calls directories are not
// looked at by name: opened they tell the same.

#include "volume/tree_usage.hh"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "volume/copy_source.hh"
#include "volume/directory.hh"

namespace slipway::volume {
namespace {

constexpr unsigned kMostWorkers = 4;
constexpr std::uint64_t kBlockBytes = 512; // statx(2), whatever the file system's are
constexpr unsigned kWanted = STATX_TYPE | STATX_NLINK | STATX_INO | STATX_BLOCKS;
constexpr int kLook = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

/// Inodes of one tree with more than one name, until their last has been seen.
class Links {
public:
    /// What this name adds: all at the first one. When too many are waited for, each its share.
    std::uint64_t count(const struct statx& info) {
        const InodeId id = id_of(info);
        const std::uint64_t bytes = info.stx_blocks * kBlockBytes;
        const std::lock_guard lock(mutex_);
        const auto seen = seen_.find(id);
        if (seen == seen_.end()) {
            if (seen_.size() >= kMost) {
                return bytes / info.stx_nlink;
            }
            seen_.emplace(id, 1);
            return bytes;
        }
        if (++seen->second >= info.stx_nlink) {
            seen_.erase(seen);
        }
        return 0;
    }

private:
    static constexpr std::size_t kMost = 1'000'000; // some 64 MB
    struct Hash {
        std::size_t operator()(const InodeId& id) const noexcept {
            return std::hash<std::uint64_t>()(id.inode ^ (std::uint64_t{id.device} << 48));
        }
    };
    std::mutex mutex_;
    std::unordered_map<InodeId, std::uint64_t, Hash> seen_;
};

/// One of the trees, from the moment its turn comes.
struct Tree {
    std::size_t number = 0;
    Fd root;
    Links links;
    std::atomic<std::uint64_t> bytes{0};
    std::atomic<std::size_t> pending{1};
    std::atomic<bool> failed{false};
};

struct Work {
    std::shared_ptr<Tree> tree;
    std::string path; ///< relative to its root; empty: the root
};

class Walk {
public:
    Walk(std::span<const std::filesystem::path> roots, const MeasureOptions& options,
         std::stop_token stop)
        : roots_(roots), options_(options), stop_(std::move(stop)), sizes_(roots.size()) {}

    std::vector<std::optional<std::uint64_t>> run() {
        const unsigned workers =
            options_.workers != 0
                ? options_.workers
                : std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
        {
            std::vector<std::jthread> threads;
            for (unsigned i = 1; i < workers; ++i) {
                threads.emplace_back([this] { work(); });
            }
            work();
        }
        if (stop_.stop_requested()) {
            throw Canceled();
        }
        return std::move(sizes_);
    }

private:
    void work() {
        while (std::optional<Work> next = take()) {
            walk(*next);
            done(*next);
        }
    }

    bool is_over() const {
        return stop_.stop_requested() ||
               (options_.deadline && std::chrono::steady_clock::now() >= *options_.deadline);
    }

    // A directory that waits, else the next tree. Nothing when all is done.
    std::optional<Work> take() {
        std::unique_lock lock(mutex_);
        for (;;) {
            if (is_over()) {
                changed_.notify_all();
                return std::nullopt;
            }
            if (!waiting_.empty()) {
                Work work = std::move(waiting_.back());
                waiting_.pop_back();
                ++busy_;
                return work;
            }
            if (next_ < roots_.size()) {
                auto tree = std::make_shared<Tree>();
                tree->number = next_++;
                ++busy_;
                return Work{std::move(tree), ""};
            }
            if (busy_ == 0) {
                changed_.notify_all();
                return std::nullopt;
            }
            changed_.wait(lock);
        }
    }

    void push(Work work) {
        work.tree->pending.fetch_add(1);
        {
            const std::lock_guard lock(mutex_);
            waiting_.push_back(std::move(work));
        }
        changed_.notify_one();
    }

    void done(const Work& work) {
        Tree& tree = *work.tree;
        const bool last = tree.pending.fetch_sub(1) == 1;
        const std::lock_guard lock(mutex_);
        if (last && !tree.failed) {
            sizes_[tree.number] = tree.bytes.load();
        }
        --busy_;
        changed_.notify_all();
    }

    void walk(const Work& work) {
        Tree& tree = *work.tree;
        if (tree.failed) {
            return;
        }
        Fd opened;
        int directory = -1;
        if (work.path.empty()) {
            tree.root.reset(::open(roots_[tree.number].c_str(),
                                   O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC));
            directory = tree.root.get();
        } else {
            opened = open_quietly(tree.root.get(), work.path, O_DIRECTORY);
            directory = opened.get();
        }
        if (directory < 0) {
            // Gone since its name was read, or mounted over.
            tree.failed = tree.failed || work.path.empty() ||
                          (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != EXDEV);
            return;
        }
        struct statx own {};
        if (::statx(directory, "", AT_EMPTY_PATH | kLook, kWanted, &own) == 0) {
            tree.bytes += own.stx_blocks * kBlockBytes;
        }
        read(work, directory);
    }

    void read(const Work& work, int directory) {
        alignas(dirent64) std::array<char, 32 * 1024> buffer;
        std::uint64_t bytes = 0;
        for (;;) {
            const ssize_t size = ::getdents64(directory, buffer.data(), buffer.size());
            // What was not read to its end has no size.
            work.tree->failed = work.tree->failed || size < 0 || (size > 0 && is_over());
            if (size <= 0 || work.tree->failed) {
                break;
            }
            for (ssize_t at = 0; at < size;) {
                const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
                bytes += count(work, directory, *entry);
                at += entry->d_reclen;
            }
        }
        work.tree->bytes += bytes;
    }

    std::uint64_t count(const Work& work, int directory, const dirent64& entry) {
        const std::string_view name(static_cast<const char*>(entry.d_name));
        if (name == "." || name == "..") {
            return 0;
        }
        if (entry.d_type != DT_DIR) {
            struct statx info {};
            if (::statx(directory, entry.d_name, kLook, kWanted, &info) < 0) {
                work.tree->failed = work.tree->failed || errno != ENOENT;
                return 0;
            }
            if (is_mount_point(info)) {
                return 0;
            }
            if (!S_ISDIR(info.stx_mode)) {
                return info.stx_nlink > 1 ? work.tree->links.count(info)
                                          : info.stx_blocks * kBlockBytes;
            }
        }
        push({work.tree,
              work.path.empty() ? std::string(name) : work.path + "/" + std::string(name)});
        return 0;
    }

    std::span<const std::filesystem::path> roots_;
    const MeasureOptions& options_;
    std::stop_token stop_;
    std::mutex mutex_; ///< of what follows
    std::condition_variable changed_;
    std::vector<Work> waiting_;
    std::size_t next_ = 0;
    std::size_t busy_ = 0;
    std::vector<std::optional<std::uint64_t>> sizes_;
};

} // namespace

std::vector<std::optional<std::uint64_t>>
measure_trees(std::span<const std::filesystem::path> roots, const MeasureOptions& options,
              const std::stop_token& stop) {
    return Walk(roots, options, stop).run();
}

} // namespace slipway::volume
