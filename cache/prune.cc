// An entry is moved out of sight first, in one step: nobody finds half of one.

#include "cache/prune.hh"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"
#include "volume/remove_tree.hh"

namespace slipway::cache {
namespace {

// What is known of an entry without holding it.
struct Seen {
    std::string name;
    std::int64_t used_at = 0;
    std::uint64_t room_bytes = 0;
};

std::vector<Seen> look_at(const Store& store) {
    std::vector<Seen> seen;
    for (const std::string& name : store.entry_names()) {
        // One that is no whole entry has no time and goes first.
        const std::optional<Entry> entry = Entry::find(store.fd(), name);
        seen.push_back({name, entry ? entry->used_at() : 0, entry ? entry->room_bytes() : 0});
    }
    std::sort(seen.begin(), seen.end(),
              [](const Seen& a, const Seen& b) { return a.used_at < b.used_at; });
    return seen;
}

Fd open_inner(int parent, const std::string& name) noexcept {
    return Fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool lock_alone(const Fd& directory) noexcept {
    return ::flock(directory.get(), LOCK_EX | LOCK_NB) == 0;
}

std::uint64_t room_of(int directory) {
    std::uint64_t size = 0;
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory)) {
        struct stat info {};
        if (::fstatat(directory, entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        if (S_ISREG(info.st_mode)) {
            size += static_cast<std::uint64_t>(info.st_size);
        } else if (S_ISDIR(info.st_mode)) {
            const Fd inner = open_inner(directory, entry.name);
            size += inner ? room_of(inner.get()) : 0;
        }
    }
    return size;
}

std::optional<Removed> remove_if_free(const Store& store, const std::string& name) {
    try {
        return remove_entry(store, name);
    } catch (const Error& error) {
        if (error.kind() != Kind::Busy && error.kind() != Kind::NotFound) {
            throw;
        }
        return std::nullopt;
    }
}

} // namespace

std::vector<Removed> prune(const Store& store, const Bounds& bounds,
                           std::chrono::system_clock::time_point now, std::string_view spare) {
    const std::int64_t oldest =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count() -
        bounds.age.count();
    std::vector<Removed> removed;
    const std::vector<Seen> seen = look_at(store);
    std::uint64_t room = 0;
    for (const Seen& one : seen) {
        room += one.room_bytes;
    }
    for (const Seen& one : seen) {
        if (one.name == spare || (one.used_at >= oldest && room <= bounds.size_bytes)) {
            continue;
        }
        if (std::optional<Removed> gone = remove_if_free(store, one.name)) {
            room -= std::min(room, one.room_bytes);
            removed.push_back(std::move(*gone));
        }
    }
    return removed;
}

Removed remove_entry(const Store& store, const std::string& name) {
    const Fd directory = open_inner(store.fd(), name);
    if (!directory) {
        throw Error(Kind::NotFound, "there is no kept download {}", quoted(name));
    }
    if (!lock_alone(directory)) {
        throw Error(Kind::Busy,
                    "{} is in use by a transfer; it was left alone. Try again when that has ended",
                    quoted(name));
    }
    const std::uint64_t room = room_of(directory.get());
    const std::string hidden = fmt::format("{}{}.gone", kHiddenPrefix, name);
    volume::remove_tree(store.fd(), hidden); // of one that was killed here
    if (::renameat2(store.fd(), name.c_str(), store.fd(), hidden.c_str(), RENAME_NOREPLACE) < 0) {
        throw errno_error("cannot remove {} from the cache", quoted(name));
    }
    volume::remove_tree(store.fd(), hidden);
    return {name, room};
}

std::uint64_t sweep(const Store& store) {
    std::uint64_t freed = 0;
    for (const volume::DirectoryEntry& entry : volume::all_entries(store.fd())) {
        if (!entry.name.starts_with(kHiddenPrefix)) {
            continue;
        }
        const Fd directory = open_inner(store.fd(), entry.name);
        if (directory && !lock_alone(directory)) {
            continue; // somebody works at it
        }
        freed += directory ? room_of(directory.get()) : 0;
        volume::remove_tree(store.fd(), entry.name);
    }
    return freed;
}

} // namespace slipway::cache
