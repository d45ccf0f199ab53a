// The time of last use is the content's time of modification: nothing has to be rewritten for it.

#include "cache/entry.hh"

#include <algorithm>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/json.hh"
#include "cache/digests_json.hh"
#include "cache/store.hh"
#include "cache/text_file.hh"
#include "volume/directory.hh"

namespace slipway::cache {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kPublicationPrefix = "from-";

Fd open_directory(int parent, const std::string& name) noexcept {
    return Fd(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

// A lock on what was moved away meanwhile is a lock on nothing.
bool is_named(int parent, const std::string& name, const Fd& directory) noexcept {
    struct stat there {};
    struct stat here {};
    return ::fstatat(parent, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           ::fstat(directory.get(), &here) == 0 && there.st_ino == here.st_ino &&
           there.st_dev == here.st_dev;
}

std::uint64_t size_of_files(const Fd& directory) {
    std::uint64_t size = 0;
    for (const volume::DirectoryEntry& entry : volume::all_entries(directory.get())) {
        struct stat info {};
        if (::fstatat(directory.get(), entry.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(info.st_mode)) {
            size += static_cast<std::uint64_t>(info.st_size);
        }
    }
    return size;
}

} // namespace

std::optional<Entry> Entry::find(int cache, const std::string& name) {
    Fd directory = open_directory(cache, name);
    if (!directory || ::flock(directory.get(), LOCK_SH | LOCK_NB) < 0 ||
        !is_named(cache, name, directory)) {
        return std::nullopt;
    }
    Entry entry(name, std::move(directory));
    return entry.read() ? std::optional(std::move(entry)) : std::nullopt;
}

bool Entry::read() {
    const auto text = read_text(fd(), kEntryFile, kMaxDescriptionBytes);
    const Json object = Json::parse(text.value_or(""), nullptr, false);
    struct stat info {};
    if (!object.is_object() || !object.value("size", Json()).is_number_unsigned() ||
        ::fstatat(fd(), kContentFile, &info, AT_SYMLINK_NOFOLLOW) < 0) {
        return false;
    }
    const auto digests = digests_from(object.value("digests", Json()));
    digests_ = digests.value_or(stream::Digests());
    const auto known = digests_.find(stream::Algorithm::Sha256);
    if (known == digests_.end() || std::string(kEntryPrefix) + known->second != name_) {
        return false;
    }
    size_bytes_ = object["size"].get<std::uint64_t>();
    used_at_ = info.st_mtim.tv_sec;
    for (const volume::DirectoryEntry& one : volume::all_entries(fd())) {
        const Fd place =
            one.name.starts_with(kPublicationPrefix) ? open_directory(fd(), one.name) : Fd();
        const auto json =
            place ? read_text(place.get(), kPublicationFile, kMaxDescriptionBytes) : std::nullopt;
        std::optional<Publication> publication = parse_publication(json.value_or(""));
        if (publication && directory_name(*publication) == one.name) {
            publications_.push_back(std::move(*publication));
        }
    }
    std::sort(publications_.begin(), publications_.end(),
              [](const Publication& a, const Publication& b) { return a.kept_at > b.kept_at; });
    return true;
}

std::uint64_t Entry::room_bytes() const {
    std::uint64_t size = size_of_files(directory_);
    for (const Publication& publication : publications_) {
        if (const Fd place = open_directory(fd(), directory_name(publication))) {
            size += size_of_files(place);
        }
    }
    return size;
}

const Publication* Entry::publication_at(std::string_view address) const noexcept {
    const auto found = std::find_if(
        publications_.begin(), publications_.end(),
        [address](const Publication& publication) { return publication.address == address; });
    return found == publications_.end() ? nullptr : &*found;
}

Fd Entry::open_content() const {
    Fd file = cache::open_file(fd(), kContentFile);
    struct stat info {};
    if (file && ::fstat(file.get(), &info) == 0 &&
        static_cast<std::uint64_t>(info.st_size) == size_bytes_) {
        static_cast<void>(::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL)); // advice only
        return file;
    }
    return {};
}

Fd Entry::open_file(const Publication& publication, const std::string& file) const {
    const Fd place = open_directory(fd(), directory_name(publication));
    return place ? cache::open_file(place.get(), file) : Fd();
}

void Entry::touch() const noexcept {
    static_cast<void>(::utimensat(fd(), kContentFile, nullptr, AT_SYMLINK_NOFOLLOW));
}

std::string entry_json(std::uint64_t size_bytes, const stream::Digests& digests) {
    return Json{{"size", size_bytes}, {"digests", digests_json(digests)}}.dump(2) + "\n";
}

} // namespace slipway::cache
