// Lock files first, of which there are few; then who holds them. What a job of ours holds counts,
// too: its image is in use.

#include "storage/image_users.hh"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <set>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "storage/hidden.hh"
#include "storage/lock_holder.hh"
#include "volume/directory.hh"

namespace slipway::storage {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLocks = "/run/systemd/nspawn/locks";
constexpr const char* kMachines = "/run/systemd/machines";

struct LockOfImage {
    volume::InodeId file;
    fs::path image;
};

Fd open_directory_if_exists(const fs::path& path) {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

void add(std::vector<LockOfImage>& locks, int directory, const std::string& name,
         const fs::path& image) {
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        locks.push_back({{info.st_dev, info.st_ino}, image});
    }
}

/// ".#web.lck" beside "web".
void add_local(std::vector<LockOfImage>& locks, const fs::path& pool) {
    const Fd directory = open_directory_if_exists(pool);
    if (!directory) {
        return;
    }
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory.get())) {
        if (const auto image = find_locked_file(entry.name)) {
            add(locks, directory.get(), entry.name, pool / *image);
        }
    }
}

std::string global_name(const Image& image) {
    return image.type == ImageType::Block
               ? fmt::format("block-{}:{}", major(image.id.device), minor(image.id.device))
               : fmt::format("inode-{}:{}", image.id.device, image.id.inode);
}

void add_global(std::vector<LockOfImage>& locks, const std::vector<Image>& images) {
    const Fd directory = open_directory_if_exists(kLocks);
    if (!directory) {
        return;
    }
    std::set<std::string> names;
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory.get())) {
        if (entry.name.starts_with("inode-") || entry.name.starts_with("block-")) {
            names.insert(entry.name);
        }
    }
    if (names.empty()) {
        return;
    }
    for (const Image& image : images) {
        const std::string name = global_name(image);
        if (names.contains(name)) {
            add(locks, directory.get(), name, image.path);
        }
    }
}

// proc(5), /proc/PID/stat: the fourth field; the second, in parentheses, may hold anything.
long parent_of(long pid) {
    std::ifstream stream(fmt::format("/proc/{}/stat", pid));
    std::string line;
    std::getline(stream, line);
    const std::size_t end = line.rfind(')');
    long parent = 0;
    char state = 0;
    if (end != std::string::npos) {
        std::sscanf(line.c_str() + end + 1, " %c %ld", &state, &parent);
    }
    return parent;
}

/// By the process that runs a machine, and by that one's parent, which is systemd-nspawn.
std::map<long, std::string> machines() {
    std::map<long, std::string> found;
    std::error_code error;
    for (fs::directory_iterator it(kMachines, error), end; !error && it != end;
         it.increment(error)) {
        std::ifstream stream(it->path());
        for (std::string line; std::getline(stream, line);) {
            if (line.starts_with("LEADER=")) {
                const long leader = std::strtol(line.c_str() + 7, nullptr, 10);
                const std::string name = it->path().filename();
                found.emplace(leader, name);
                found.emplace(parent_of(leader), name);
            }
        }
    }
    return found;
}

} // namespace

std::map<fs::path, ImageUser> find_users(const std::vector<Image>& images) {
    std::set<fs::path> pools;
    for (const Image& image : images) {
        if (image.path.has_relative_path()) {
            pools.insert(image.path.parent_path());
        }
    }
    std::vector<LockOfImage> locks;
    for (const fs::path& pool : pools) {
        add_local(locks, pool);
    }
    add_global(locks, images);

    std::vector<volume::InodeId> files;
    for (const LockOfImage& lock : locks) {
        files.push_back(lock.file);
    }
    const std::vector<HeldLock> holders = find_lock_holders(files);
    std::map<fs::path, ImageUser> users;
    const auto running = holders.empty() ? std::map<long, std::string>() : machines();
    for (const HeldLock& holder : holders) {
        const auto machine = running.find(holder.pid);
        for (const LockOfImage& lock : locks) {
            if (lock.file == holder.file) {
                users.try_emplace(
                    lock.image,
                    ImageUser{machine == running.end() ? "" : machine->second, holder.text});
            }
        }
    }
    return users;
}

} // namespace slipway::storage
