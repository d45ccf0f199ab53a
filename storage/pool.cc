// Opening the directory.

#include "storage/pool.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/searched.hh"

namespace slipway::storage {
namespace {

Fd open_path(const std::filesystem::path& path) noexcept {
    return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

// The pool's own name has to survive a power loss, too: fsync of what is made in it later says
// nothing about the entry in its parent.
void make_pool_directory(const std::filesystem::path& path) {
    if (::mkdir(path.c_str(), 0700) < 0) {
        if (errno == EEXIST) {
            return;
        }
        if (errno == ENOENT) {
            throw Error(Kind::NotFound,
                        "there is no pool {}, and it cannot be made: its parent does not exist",
                        quoted(path.string()));
        }
        throw errno_error("cannot make the pool {}", quoted(path.string()));
    }
    const Fd parent = open_path((path / "..").lexically_normal());
    if (!parent || ::fsync(parent.get()) < 0) {
        throw errno_error("cannot sync the directory of the new pool {}", quoted(path.string()));
    }
}

Error open_error(const std::filesystem::path& path) {
    if (errno == ENOENT) { // after mkdir(2) found something there
        return Error(Kind::NotFound, "the pool {} is a symlink that leads nowhere",
                     quoted(path.string()));
    }
    if (errno == ENOTDIR) {
        return Error(Kind::NotFound, "the pool {} is not a directory", quoted(path.string()));
    }
    return errno_error("cannot open the pool {}", quoted(path.string()));
}

std::filesystem::path without_trailing_slash(const std::filesystem::path& path) {
    const std::filesystem::path absolute = std::filesystem::absolute(path).lexically_normal();
    return absolute.has_filename() ? absolute : absolute.parent_path();
}

} // namespace

std::string_view word(ImageType type) noexcept {
    switch (type) {
    case ImageType::Directory:
        return "directory";
    case ImageType::Subvolume:
        return "subvolume";
    case ImageType::Raw:
        return "raw";
    case ImageType::Block:
        return "block";
    }
    return "";
}

Pool::Pool(Fd fd, std::filesystem::path given, ImageClass image_class)
    : fd_(std::move(fd)), given_(std::move(given)), path_(std::filesystem::canonical(given_)),
      image_class_(image_class) {
    if (is_searched_for_machines(fd_.get())) {
        settings_directories_ = {"/etc/systemd/nspawn", "/run/systemd/nspawn"};
    }
}

Pool Pool::open(const std::filesystem::path& path, ImageClass image_class) {
    const std::filesystem::path given = without_trailing_slash(path);
    Fd fd = open_path(given);
    if (!fd && errno == ENOENT) {
        make_pool_directory(given);
        fd = open_path(given);
    }
    if (!fd) {
        throw open_error(given);
    }
    if (::faccessat(fd.get(), ".", W_OK | X_OK, AT_EACCESS) < 0) {
        throw errno_error("cannot write to the pool {}", quoted(given.string()));
    }
    return Pool(std::move(fd), given, image_class);
}

std::optional<Pool> Pool::find(const std::filesystem::path& path, ImageClass image_class) {
    const std::filesystem::path given = without_trailing_slash(path);
    Fd fd = open_path(given);
    if (fd) {
        return Pool(std::move(fd), given, image_class);
    }
    if (errno == ENOENT) {
        return std::nullopt;
    }
    throw open_error(given);
}

volume::FileSystem Pool::file_system() const {
    return volume::file_system_of(fd_.get(), path_);
}

std::string Pool::space() const {
    return volume::space_text(file_system(), path_);
}

std::optional<std::string> Pool::note() const {
    if (given_ != path_) {
        return fmt::format("the pool {} is {}", quoted(given_.string()), quoted(path_.string()));
    }
    std::error_code error;
    const auto around = std::filesystem::canonical(kDefaultPool, error);
    const auto inside = error ? std::filesystem::path() : path_.lexically_relative(around);
    if (!inside.empty() && *inside.begin() != ".." && *inside.begin() != ".") {
        return fmt::format("the pool {} lies inside the pool {}, where {} looks like an image",
                           quoted(path_.string()), quoted(around.string()),
                           quoted(inside.begin()->string()));
    }
    return std::nullopt;
}

} // namespace slipway::storage
