// Nothing is overwritten, and nothing is inherited.

#include "storage/new_siblings.hh"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/sibling.hh"

namespace slipway::storage {
namespace {

void check_free(int directory, const std::string& name, const std::filesystem::path& path) {
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0) {
        throw Error(Kind::Exists,
                    "{} exists and would be taken for the new image's; nothing was changed. Move "
                    "it away, or give another name",
                    quoted(path.string()));
    }
    if (errno != ENOENT) {
        throw errno_error("cannot look at {}", quoted(path.string()));
    }
}

} // namespace

void check_no_siblings(const Pool& pool, const ImageName& name) {
    for (const Sibling kind : kSiblings) {
        const std::string file_name = sibling_name(name, kind);
        if (file_name.size() <= NAME_MAX) { // one that is longer cannot be there
            check_free(pool.fd(), file_name, pool.path() / file_name);
        }
    }
}

void check_no_settings(const std::filesystem::path& path) {
    check_free(AT_FDCWD, path, path);
}

} // namespace slipway::storage
