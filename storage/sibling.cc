// One table of suffixes, and one rule for what is a sibling.

#include "storage/sibling.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/identity.hh"

namespace slipway::storage {
namespace {

// A name that leads to a directory or a device is an image itself, whatever its suffix.
bool is_sibling(int directory, const std::string& name, Sibling kind) {
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
        return false;
    }
    if (S_ISDIR(info.st_mode)) {
        return kind == Sibling::TpmState;
    }
    if (S_ISLNK(info.st_mode)) {
        struct stat target {};
        return ::fstatat(directory, name.c_str(), &target, 0) < 0 || S_ISREG(target.st_mode);
    }
    return S_ISREG(info.st_mode);
}

void add_if_there(std::vector<NamedFile>& files, std::optional<NamedFile> file) {
    if (file) {
        files.push_back(std::move(*file));
    }
}

} // namespace

std::string_view suffix(Sibling kind) noexcept {
    switch (kind) {
    case Sibling::Settings:
        return ".nspawn";
    case Sibling::RootHash:
        return ".roothash";
    case Sibling::RootHashSignature:
        return ".roothash.p7s";
    case Sibling::UsrHash:
        return ".usrhash";
    case Sibling::UsrHashSignature:
        return ".usrhash.p7s";
    case Sibling::Verity:
        return ".verity";
    case Sibling::OciConfig:
        return ".oci-config";
    case Sibling::TpmState:
        return ".raw.tpmstate";
    case Sibling::EfiVariables:
        return ".raw.efinvramstate";
    }
    return "";
}

bool is_proof(Sibling kind) noexcept {
    return kind >= Sibling::RootHash && kind <= Sibling::Verity;
}

std::string sibling_name(const ImageName& image, Sibling kind) {
    return image.text() + std::string(suffix(kind));
}

std::string_view sibling_suffix(std::string_view file_name) noexcept {
    for (const Sibling kind : kSiblings) {
        if (file_name.ends_with(suffix(kind))) {
            return suffix(kind);
        }
    }
    return {};
}

std::optional<NamedFile> find_sibling(const Pool& pool, const ImageName& image, Sibling kind) {
    std::string name = sibling_name(image, kind);
    if (!is_sibling(pool.fd(), name, kind)) {
        return std::nullopt;
    }
    std::optional<std::string> identity = find_identity(pool.fd(), name);
    if (!identity) {
        return std::nullopt;
    }
    return NamedFile{std::move(name), std::move(*identity)};
}

std::vector<NamedFile> find_siblings(const Pool& pool, const ImageName& image) {
    std::vector<NamedFile> files;
    for (const Sibling kind : kSiblings) {
        add_if_there(files, find_sibling(pool, image, kind));
    }
    return files;
}

std::vector<NamedFile> find_siblings(const Image& image) {
    const std::optional<Pool> beside =
        image.path.has_filename() ? Pool::find(image.path.parent_path()) : std::nullopt;
    return beside ? find_siblings(*beside, stem(image)) : std::vector<NamedFile>();
}

std::vector<NamedFile> find_proofs(const Pool& pool, const ImageName& image) {
    std::vector<NamedFile> files;
    for (const Sibling kind : kSiblings) {
        if (is_proof(kind)) {
            add_if_there(files, find_sibling(pool, image, kind));
        }
    }
    return files;
}

std::vector<NamedFile> find_settings_elsewhere(const Pool& pool, const ImageName& image,
                                               OutOfReach out_of_reach) {
    std::vector<NamedFile> files;
    for (const std::filesystem::path& directory : pool.settings_directories()) {
        const std::string path = directory / sibling_name(image, Sibling::Settings);
        if (!is_sibling(AT_FDCWD, path, Sibling::Settings)) {
            continue;
        }
        if (::faccessat(AT_FDCWD, directory.c_str(), W_OK, AT_EACCESS) < 0 && errno == EROFS) {
            if (out_of_reach == OutOfReach::LeaveOut) {
                continue;
            }
            throw Error(Kind::Denied,
                        "the settings {} belong to image {} and lie on a read-only file system; "
                        "nothing was changed. Make that writable, or move them away",
                        quoted(path), quoted(image.text()));
        }
        if (std::optional<std::string> identity = find_identity(AT_FDCWD, path)) {
            files.push_back({path, std::move(*identity)});
        }
    }
    return files;
}

} // namespace slipway::storage
