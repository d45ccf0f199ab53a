// A directory, or a part of a large one, is the unit of work; its entries are copied in the order
// of their inodes, which is about the order in which they lie on the disk (measured: two workers
// take 0.25 to 0.3 of the time of cp -a). What a directory gets itself, it gets when all beneath it
// is there, since every new name changes its times.

#include "volume/copy_tree.hh"

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/copy_entry.hh"
#include "volume/copy_source.hh"
#include "volume/directory.hh"

namespace slipway::volume {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};
constexpr unsigned kMostWorkers = 4;
// Large enough for the order of inodes to count, small enough for directories of any size.
constexpr std::size_t kEntriesAtOnce = 2048;

Fd open_target(int root, const std::string& path) {
    Fd fd = open_beneath(root, path, O_RDONLY | O_DIRECTORY);
    if (!fd) {
        throw errno_error("cannot open its copy");
    }
    return fd;
}

// Runs what is done for one path, and puts the path in front of what goes wrong.
template <typename Action>
void at_path(const std::string& path, const Action& action) {
    try {
        action();
    } catch (Error& error) {
        error.add_context("{}", path.empty() ? "its top directory" : quoted(path));
        throw;
    }
}

class Worker {
public:
    explicit Worker(CopyShared& shared, unsigned workers)
        : shared_(shared), workers_(workers), copier_(shared) {}

    void run() {
        try {
            while (std::optional<CopyWork> work = shared_.queue.pop()) {
                carry_out(*work);
                shared_.queue.done();
            }
        } catch (...) {
            shared_.queue.fail(std::current_exception());
        }
    }

private:
    void carry_out(CopyWork& work) {
        CopyDirectory& directory = *work.directory;
        Fd target;
        at_path(directory.path, [&] { target = open_target(shared_.target, directory.path); });
        if (const Fd source = open_quietly(shared_.source, directory.path, O_DIRECTORY)) {
            const CopyPlace place{directory, source.get(), target.get()};
            if (work.entries) {
                copy_entries(work.directory, place, *work.entries);
            } else {
                read_directory(work.directory, place);
            }
        } else {
            note_unopened(directory);
        }
        complete(work.directory, target.get());
    }

    // It was there when its name was read.
    void note_unopened(const CopyDirectory& directory) {
        if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP && errno != EXDEV) {
            at_path(directory.path, [] { throw errno_error("cannot open it"); });
        }
        shared_.note(&CopiedTree::vanished, directory.path);
    }

    void read_directory(const std::shared_ptr<CopyDirectory>& directory, const CopyPlace& place) {
        struct statx before {};
        at_path(directory->path, [&] {
            before = look_at(place.source);
            directory->metadata = metadata_of(before);
            directory->metadata.attributes = read_attributes(place.source);
        });
        for (;;) {
            std::vector<DirectoryEntry> entries;
            at_path(directory->path, [&] { entries = next_entries(place.source, kEntriesAtOnce); });
            if (entries.empty()) {
                break;
            }
            std::sort(entries.begin(), entries.end(),
                      [](const auto& a, const auto& b) { return a.inode < b.inode; });
            // Of a large directory others take a part, but never so many that memory grows.
            if (entries.size() >= kEntriesAtOnce && shared_.queue.is_short(workers_)) {
                ++directory->pending;
                shared_.queue.push({directory, std::move(entries)});
            } else {
                copy_entries(directory, place, entries);
            }
        }
        at_path(directory->path, [&] {
            if (!is_same_version(before, look_at(place.source))) {
                shared_.note(&CopiedTree::changed, directory->path);
            }
        });
    }

    void copy_entries(const std::shared_ptr<CopyDirectory>& directory, const CopyPlace& place,
                      const std::vector<DirectoryEntry>& entries) {
        for (const DirectoryEntry& entry : entries) {
            if (shared_.queue.token().stop_requested()) {
                throw Canceled();
            }
            Metadata made;
            EntryCopier::Below below = EntryCopier::Below::Nothing;
            try {
                below = copier_.copy(place, entry.name, entry.type, made);
            } catch (Error& error) {
                error.add_context("{}", quoted(path_below(directory->path, entry.name)));
                throw;
            }
            if (below == EntryCopier::Below::Directory) {
                auto child = std::make_shared<CopyDirectory>();
                child->parent = directory;
                child->path = path_below(directory->path, entry.name);
                child->metadata = std::move(made);
                ++directory->pending;
                shared_.queue.push({std::move(child), std::nullopt});
            }
        }
    }

    // One thing that the directory waited for is done. `target`: it, open.
    void complete(std::shared_ptr<CopyDirectory> directory, int target) {
        Fd opened;
        while (directory && --directory->pending == 0) {
            at_path(directory->path, [&] {
                if (target < 0) {
                    opened = open_target(shared_.target, directory->path);
                    target = opened.get();
                }
                finish(*directory, target);
            });
            directory = directory->parent;
            target = -1;
        }
    }

    void finish(const CopyDirectory& directory, int target) {
        const unsigned left_out = shared_.metadata.apply_directory(target, directory.metadata);
        if (left_out != 0) {
            shared_.note(&CopiedTree::unsupported_attributes, directory.path, left_out);
        }
    }

    CopyShared& shared_;
    unsigned workers_;
    EntryCopier copier_;
};

unsigned workers_for(const CopyOptions& options) {
    return options.workers != 0 ? options.workers
                                : std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
}

CopiedTree result_of(CopyShared& shared) {
    CopiedTree tree = std::move(shared.tree);
    tree.size_bytes = shared.size_bytes;
    tree.entries = shared.entries;
    tree.files = shared.files;
    tree.shared_files = shared.shared_files;
    std::sort(tree.not_entered.begin(), tree.not_entered.end());
    return tree;
}

} // namespace

CopiedTree copy_tree(int source, int target, const CopyOptions& options,
                     const std::stop_token& stop) {
    CopyShared shared(source, target, options, stop);
    const unsigned workers = workers_for(options);
    shared.queue.push({std::make_shared<CopyDirectory>(), std::nullopt});
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < workers; ++i) {
            threads.emplace_back([&shared, workers] { Worker(shared, workers).run(); });
        }
        const auto tell = [&] {
            if (options.on_progress) {
                options.on_progress({shared.size_bytes, shared.entries});
            }
        };
        try {
            while (!shared.queue.wait(kProgressInterval)) {
                tell();
            }
            tell();
        } catch (...) {
            shared.queue.fail(std::current_exception());
        }
    }
    if (stop.stop_requested()) {
        throw Canceled();
    }
    if (const std::exception_ptr failure = shared.queue.failure()) {
        std::rethrow_exception(failure);
    }
    return result_of(shared);
}

} // namespace slipway::volume
