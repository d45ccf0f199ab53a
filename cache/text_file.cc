// By name in an open directory, whatever becomes of its path meanwhile.

#include "cache/text_file.hh"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::cache {

Fd make_file(int directory, const std::string& name) {
    Fd file(::openat(directory, name.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                     S_IRUSR | S_IWUSR));
    if (!file) {
        throw errno_error("cannot make {} in the cache", quoted(name));
    }
    return file;
}

void write_text(int directory, const std::string& name, std::string_view text) {
    Fd file = make_file(directory, name);
    write_all(file.get(), text);
    file.close();
}

std::optional<std::string> read_text(int directory, const std::string& name,
                                     std::uint64_t limit_bytes) {
    const Fd file = open_file(directory, name);
    if (!file) {
        return std::nullopt;
    }
    try {
        return read_all(file.get(), limit_bytes);
    } catch (const Error&) {
        return std::nullopt;
    }
}

Fd open_file(int directory, const std::string& name) noexcept {
    Fd file(::openat(directory, name.c_str(),
                     O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) < 0 || !S_ISREG(info.st_mode)) {
        return {};
    }
    return file;
}

} // namespace slipway::cache
