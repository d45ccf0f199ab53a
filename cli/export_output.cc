// linkat(2) gives a file without a name its first one and never replaces anything; to replace, it
// gets a hidden name first, and rename(2) does it.

#include "cli/export_output.hh"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "transfer/request.hh"

namespace slipway::cli {
namespace {

constexpr mode_t kFileMode = 0666; // less the umask, as every program makes files

// Not to be met by chance.
std::string hidden_name() {
    return ".#slipway-" + transfer::make_id();
}

Fd open_directory_of(const std::filesystem::path& path) {
    const std::filesystem::path directory =
        path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) {
        throw errno_error("cannot open the directory {}", quoted(directory.string()));
    }
    return fd;
}

struct NewFile {
    Fd fd;
    std::string hidden_name; ///< empty: it has none
};

NewFile make_file(int directory, mode_t mode) {
    Fd nameless(::openat(directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, mode));
    if (nameless) {
        return {std::move(nameless), ""};
    }
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != ENOENT) {
        throw errno_error("cannot make a file there");
    }
    std::string name = hidden_name();
    Fd hidden(::openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                       mode));
    if (!hidden) {
        throw errno_error("cannot make a file there");
    }
    return {std::move(hidden), std::move(name)};
}

void link_file(int fd, int directory, const std::string& name) {
    const std::string own = fmt::format("/proc/self/fd/{}", fd);
    if (::linkat(AT_FDCWD, own.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW) < 0) {
        throw errno_error("cannot give the file the name {}", quoted(name));
    }
}

void rename_file(int directory, const std::string& from, const std::string& to,
                 Overwrite overwrite) {
    const int result =
        overwrite == Overwrite::Yes
            ? ::renameat(directory, from.c_str(), directory, to.c_str())
            : ::renameat2(directory, from.c_str(), directory, to.c_str(), RENAME_NOREPLACE);
    if (result < 0) {
        throw errno_error("cannot give the file the name {}", quoted(to));
    }
}

void sync(int fd, std::string_view what) {
    if (::fsync(fd) < 0) {
        throw errno_error("cannot bring {} to the disk", what);
    }
}

} // namespace

ExportOutput::ExportOutput(const std::filesystem::path& path, Overwrite overwrite)
    : name_(path.filename().string()), overwrite_(overwrite), directory_(open_directory_of(path)) {
    if (name_.empty() || name_ == "." || name_ == "..") {
        throw Error(Kind::InvalidArgument, "{} is no name of a file", quoted(path.string()));
    }
    struct stat found {};
    if (::fstatat(directory_.get(), name_.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISDIR(found.st_mode)) {
            throw Error(Kind::Exists, "{} is a directory; nothing was written",
                        quoted(path.string()));
        }
        if (overwrite == Overwrite::No) {
            throw Error(Kind::Exists,
                        "{} exists; nothing was written. Replace it with --force, or give another "
                        "name",
                        quoted(path.string()));
        }
    }
    NewFile made = make_file(directory_.get(), kFileMode);
    file_ = std::move(made.fd);
    hidden_name_ = std::move(made.hidden_name);
}

ExportOutput::~ExportOutput() {
    if (!hidden_name_.empty()) {
        ::unlinkat(directory_.get(), hidden_name_.c_str(), 0);
    }
}

void ExportOutput::publish() && {
    sync(file_.get(), quoted(name_));
    if (hidden_name_.empty() && overwrite_ == Overwrite::Yes) {
        std::string name = hidden_name();
        link_file(file_.get(), directory_.get(), name);
        hidden_name_ = std::move(name);
    }
    if (hidden_name_.empty()) {
        link_file(file_.get(), directory_.get(), name_);
    } else {
        rename_file(directory_.get(), hidden_name_, name_, overwrite_);
        hidden_name_.clear();
    }
    sync(directory_.get(), "the directory");
}

void replace_file(int directory, const std::string& name, std::string_view content, unsigned mode) {
    const std::string hidden = hidden_name();
    try {
        const Fd file(::openat(directory, hidden.c_str(),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (!file) {
            throw errno_error("cannot make {}", quoted(name));
        }
        write_all(file.get(), content);
        sync(file.get(), quoted(name));
        rename_file(directory, hidden, name, Overwrite::Yes);
    } catch (const Error&) {
        ::unlinkat(directory, hidden.c_str(), 0);
        throw;
    }
    sync(directory, "the directory");
}

} // namespace slipway::cli
