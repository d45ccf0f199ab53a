// Whose a directory is decides whether it is believed: its owner could put anything into it.

#include "cache/store.hh"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"

namespace slipway::cache {
namespace {

void check_owner(const Fd& directory, const std::filesystem::path& path) {
    struct stat info {};
    if (::fstat(directory.get(), &info) < 0) {
        throw errno_error("cannot look at {}", quoted(path.string()));
    }
    if (info.st_uid != ::geteuid()) {
        throw Error(Kind::Denied,
                    "the kept downloads in {} are those of user {}, and only its owner's are used; "
                    "they were left alone. Set CACHE_DIRECTORY to a directory of your own",
                    quoted(path.string()), info.st_uid);
    }
    if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        throw Error(Kind::Denied,
                    "others may write to {}, so that the kept downloads in it may be anybody's; "
                    "they were left alone. Empty it, and chmod it to 0700",
                    quoted(path.string()));
    }
}

void make_directories(const std::filesystem::path& path) {
    std::filesystem::path made;
    for (const std::filesystem::path& part : path) {
        made /= part;
        if (::mkdir(made.c_str(), S_IRWXU) < 0 && errno != EEXIST && errno != EROFS &&
            errno != EISDIR) {
            throw errno_error("cannot make {}", quoted(made.string()));
        }
    }
}

bool agrees(const stream::Digests& wanted, const stream::Digests& known) {
    bool any = false;
    for (const auto& [algorithm, hex] : wanted) {
        const auto found = known.find(algorithm);
        if (found != known.end() && found->second != hex) {
            return false;
        }
        any = any || found != known.end();
    }
    return any;
}

bool is_entry_name(std::string_view name) {
    return name.starts_with(kEntryPrefix) &&
           name.size() == kEntryPrefix.size() + stream::hex_length(stream::Algorithm::Sha256) &&
           name.find_first_not_of("0123456789abcdef", kEntryPrefix.size()) == std::string::npos;
}

} // namespace

std::optional<Store> Store::find(const std::filesystem::path& path) {
    Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return std::nullopt;
        }
        throw errno_error("cannot open {}", quoted(path.string()));
    }
    check_owner(directory, path);
    return Store(std::move(directory), path);
}

Store Store::open(const std::filesystem::path& path) {
    make_directories(path);
    std::optional<Store> store = find(path);
    if (!store) {
        throw Error(Kind::NotFound, "{} is no directory", quoted(path.string()));
    }
    return std::move(*store);
}

std::optional<Entry> Store::find_content(const stream::Digests& digests) const {
    if (const auto known = digests.find(stream::Algorithm::Sha256); known != digests.end()) {
        std::optional<Entry> entry =
            Entry::find(directory_.get(), std::string(kEntryPrefix) + known->second);
        return entry && agrees(digests, entry->digests()) ? std::move(entry) : std::nullopt;
    }
    for (const std::string& name : digests.empty() ? std::vector<std::string>() : entry_names()) {
        std::optional<Entry> entry = Entry::find(directory_.get(), name);
        if (entry && agrees(digests, entry->digests())) {
            return entry;
        }
    }
    return std::nullopt;
}

std::optional<Entry> Store::find_address(std::string_view address) const {
    std::optional<Entry> newest;
    for (const std::string& name : entry_names()) {
        std::optional<Entry> entry = Entry::find(directory_.get(), name);
        const Publication* found = entry ? entry->publication_at(address) : nullptr;
        const Publication* known = newest ? newest->publication_at(address) : nullptr;
        if (found != nullptr && (known == nullptr || known->kept_at <= found->kept_at)) {
            newest = std::move(entry);
        }
    }
    return newest;
}

std::vector<std::string> Store::entry_names() const {
    std::vector<std::string> names;
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory_.get())) {
        if (is_entry_name(entry.name)) {
            names.push_back(entry.name);
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace slipway::cache
