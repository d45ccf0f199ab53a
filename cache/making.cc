// Nothing is synced: what a power loss leaves is judged by its digest when it is used, and thrown
// away where it does not fit.

#include "cache/making.hh"

#include <cerrno>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cache/entry.hh"
#include "cache/text_file.hh"
#include "volume/directory.hh"
#include "volume/remove_tree.hh"

namespace slipway::cache {
namespace {

constexpr const char* kPlace = "from";

Fd make_directory(int parent, const std::string& name) {
    if (::mkdirat(parent, name.c_str(), S_IRWXU) < 0) {
        throw errno_error("cannot make {} in the cache", quoted(name));
    }
    return volume::open_directory(parent, name);
}

void rename_into(int from, const std::string& name, int to, const std::string& new_name,
                 unsigned flags) {
    if (::renameat2(from, name.c_str(), to, new_name.c_str(), flags) < 0) {
        throw errno_error("cannot make {} appear in the cache", quoted(new_name));
    }
}

} // namespace

Making::Making(const Store& store, std::string_view id)
    : cache_(store.fd()), name_(fmt::format("{}{}", kHiddenPrefix, id)) {
    volume::remove_tree(cache_, name_); // of an earlier attempt of the same job
    directory_ = make_directory(cache_, name_);
    // Who sweeps may have been quicker, and takes it for a dead one's: then nothing is kept.
    if (::flock(directory_.get(), LOCK_EX | LOCK_NB) < 0) {
        throw errno_error("cannot lock {} in the cache", quoted(name_));
    }
    place_ = make_directory(directory_.get(), kPlace);
}

Making::~Making() {
    if (!name_.empty()) {
        try {
            volume::remove_tree(cache_, name_);
        } catch (const Error&) {
            // The next sweep takes it.
        }
    }
}

Fd Making::make_content() const {
    return cache::make_file(directory_.get(), kContentFile);
}

Making::NewFile Making::make_file() {
    std::string name = fmt::format("file-{}", files_++);
    Fd file = cache::make_file(place_.get(), name);
    return {std::move(name), std::move(file)};
}

void Making::drop_file(const std::string& name) const noexcept {
    static_cast<void>(::unlinkat(place_.get(), name.c_str(), 0));
}

std::string Making::add_text(std::string_view text) {
    std::string name = fmt::format("file-{}", files_++);
    write_text(place_.get(), name, text);
    return name;
}

std::uint64_t Making::room_bytes() const {
    std::uint64_t size = 0;
    for (const Fd* directory : {&directory_, &place_}) {
        for (const volume::DirectoryEntry& entry : volume::all_entries(directory->get())) {
            struct stat info {};
            if (::fstatat(directory->get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
                S_ISREG(info.st_mode)) {
                size += static_cast<std::uint64_t>(info.st_size);
            }
        }
    }
    return size;
}

void Making::publish(const Publication& publication, std::uint64_t size_bytes,
                     const stream::Digests& digests) {
    const std::string entry = std::string(kEntryPrefix) + digests.at(stream::Algorithm::Sha256);
    const std::string place = directory_name(publication);
    write_text(place_.get(), kPublicationFile, to_json(publication));
    struct stat info {};
    if (::fstatat(directory_.get(), kContentFile, &info, AT_SYMLINK_NOFOLLOW) < 0) {
        add_to(entry, place);
        return;
    }
    write_text(directory_.get(), kEntryFile, entry_json(size_bytes, digests));
    rename_into(directory_.get(), kPlace, directory_.get(), place, RENAME_NOREPLACE);
    if (::renameat2(cache_, name_.c_str(), cache_, entry.c_str(), RENAME_NOREPLACE) == 0) {
        name_.clear();
        directory_.reset(); // from now on it is anybody's to read
        return;
    }
    if (errno != EEXIST && errno != ENOTEMPTY) {
        throw errno_error("cannot make {} appear in the cache", quoted(entry));
    }
    if (Entry::find(cache_, entry)) {
        rename_into(directory_.get(), place, directory_.get(), kPlace, RENAME_NOREPLACE);
        add_to(entry, place);
        return;
    }
    // What is there is no whole entry, or is being removed: ours is better.
    rename_into(cache_, name_, cache_, entry, RENAME_EXCHANGE);
}

// Locked shared meanwhile, so that nobody removes it.
void Making::add_to(const std::string& entry, const std::string& place) const {
    const std::optional<Entry> there = Entry::find(cache_, entry);
    if (!there) {
        throw Error(Kind::NotFound, "{} is not in the cache any more", quoted(entry));
    }
    if (::renameat2(directory_.get(), kPlace, there->fd(), place.c_str(), RENAME_NOREPLACE) < 0) {
        rename_into(directory_.get(), kPlace, there->fd(), place, RENAME_EXCHANGE);
    }
    there->touch();
}

} // namespace slipway::cache
