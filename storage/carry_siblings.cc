// What lies beside an image is copied for its clone: hidden until the commit, in the pool as in the
// administrator's directories.

#include <algorithm>

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"
#include "storage/new_siblings.hh"
#include "storage/staging.hh"
#include "storage/staging_state.hh"
#include "storage/target.hh"
#include "volume/copy_file.hh"
#include "volume/copy_tree.hh"
#include "volume/directory.hh"

namespace slipway::storage {
namespace {

/// A link is followed: the copy is a file of its own.
Fd open_sibling(int directory, const std::string& name, const std::filesystem::path& path) {
    Fd fd(::openat(directory, name.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd && errno == ENOENT) {
        throw Error(Kind::NotFound,
                    "{} belongs to the image and is a link that leads nowhere; nothing was stored. "
                    "Remove it first",
                    quoted(path.string()));
    }
    if (!fd) {
        throw errno_error("cannot open {}, which belongs to the image", quoted(path.string()));
    }
    return fd;
}

bool is_directory(int fd) {
    struct stat info {};
    return ::fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

Fd make_hidden(int directory, const std::string& name) {
    Fd file(::openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                     0600));
    if (!file) {
        throw errno_error("cannot make {}", quoted(name));
    }
    return file;
}

} // namespace

void Staging::State::carry_file(int from, Sibling kind, const std::stop_token& stop) {
    if (const std::string name = sibling_name(spec.name, kind); name.size() > NAME_MAX) {
        throw Error(Kind::InvalidArgument,
                    "{} is too long: the image's {} would have more than {} bytes in its name",
                    quoted(spec.name.text()), quoted(suffix(kind)), NAME_MAX);
    }
    const std::string hidden = place.names().sibling(suffix(kind));
    Fd to;
    if (is_directory(from)) {
        if (::mkdirat(pool.fd(), hidden.c_str(), 0700) < 0) {
            throw errno_error("cannot make {}", quoted(hidden));
        }
        to = volume::open_directory(pool.fd(), hidden);
        volume::copy_tree(from, to.get(), {}, stop);
    } else {
        to = make_hidden(pool.fd(), hidden);
        volume::copy_file(from, to.get(), stop);
    }
    siblings.emplace(kind, std::move(to));
    carried.insert(kind);
}

// Whoever finds the hidden file after a power loss has to find the job's lock as well, which is in
// the pool.
void Staging::State::carry_settings(const NamedFile& file, const std::stop_token& stop) {
    const std::filesystem::path path = file.name;
    const std::filesystem::path becomes =
        path.parent_path() / sibling_name(spec.name, Sibling::Settings);
    check_no_settings(becomes);
    volume::sync_directory(pool.fd(), "of the pool");
    const Fd directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory) {
        throw errno_error("cannot open {}", quoted(path.parent_path().string()));
    }
    const Fd from = open_sibling(directory.get(), path.filename(), path);
    const std::string hidden = place.names().sibling(suffix(Sibling::Settings));
    const Fd to = make_hidden(directory.get(), hidden);
    volume::copy_file(from.get(), to.get(), stop);
    if (::fsync(to.get()) < 0) {
        throw errno_error("cannot sync {}", quoted(becomes.string()));
    }
    volume::sync_directory(directory.get(), quoted(path.parent_path().string()));
    settings.push_back({becomes, find_identity(directory.get(), hidden).value_or("")});
}

std::vector<std::string> Staging::State::carry_siblings(const Pool& from, const Image& image,
                                                        const std::stop_token& stop) {
    check_no_siblings(pool, spec.name);
    std::vector<std::string> names;
    if (describe_target(from, image).hides_raw) {
        return names;
    }
    for (const Sibling kind : kSiblings) {
        if (const std::optional<NamedFile> file = find_sibling(from, stem(image), kind)) {
            const Fd fd = open_sibling(from.fd(), file->name, from.path() / file->name);
            carry_file(fd.get(), kind, stop);
            names.push_back(sibling_name(spec.name, kind));
        }
    }
    const auto& places = pool.settings_directories();
    for (const NamedFile& file : find_settings_elsewhere(from, stem(image), OutOfReach::Refuse)) {
        const auto directory = std::filesystem::path(file.name).parent_path();
        if (std::find(places.begin(), places.end(), directory) != places.end()) {
            carry_settings(file, stop);
            names.push_back(settings.back().name);
        }
    }
    return names;
}

std::vector<std::string> Staging::carry_siblings(const Pool& from, const Image& image,
                                                 const std::stop_token& stop) {
    return state_->carry_siblings(from, image, stop);
}

} // namespace slipway::storage
