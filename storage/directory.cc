// getdents64(2) into values: the order, and what is skipped, are the caller's business.

#include "storage/directory.hh"

#include <array>
#include <limits>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::storage {

Fd open_directory(int parent, const std::string& name) {
    Fd fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open the directory {}", quoted(name));
    }
    return fd;
}

void sync_directory(int directory, const std::string& which) {
    if (::fsync(directory) < 0) {
        throw errno_error("cannot sync the directory {}", which);
    }
}

std::vector<DirectoryEntry> read_entries(int directory, std::size_t limit) {
    if (::lseek(directory, 0, SEEK_SET) < 0) {
        throw errno_error("cannot rewind a directory");
    }
    std::vector<DirectoryEntry> entries;
    alignas(dirent64) std::array<char, 32 * 1024> buffer;
    while (entries.size() < limit) {
        const ssize_t size = ::getdents64(directory, buffer.data(), buffer.size());
        if (size < 0) {
            throw errno_error("cannot read a directory");
        }
        if (size == 0) {
            break;
        }
        for (ssize_t at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
            const std::string name = static_cast<const char*>(entry->d_name);
            if (name != "." && name != "..") {
                entries.push_back({name, entry->d_ino, entry->d_type});
            }
            at += entry->d_reclen;
        }
    }
    return entries;
}

std::vector<DirectoryEntry> all_entries(int directory) {
    const Fd own = open_directory(directory, ".");
    return read_entries(own.get(), std::numeric_limits<std::size_t>::max());
}

} // namespace slipway::storage
