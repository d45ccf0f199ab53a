// memfd_create(2) with seals.

#include "base/memfd.hh"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway {

Fd make_memfd() {
    Fd fd(::memfd_create("slipway", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) {
        throw errno_error("cannot make an anonymous file");
    }
    return fd;
}

void write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR) {
            throw errno_error("cannot write a document");
        }
        content.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
    }
}

Fd make_sealed_memfd(std::string_view content) {
    Fd fd = make_memfd();
    write_all(fd.get(), content);
    constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (::fcntl(fd.get(), F_ADD_SEALS, kSeals) < 0 || ::lseek(fd.get(), 0, SEEK_SET) < 0) {
        throw errno_error("cannot seal an anonymous file");
    }
    return fd;
}

std::string read_all(int fd, std::uint64_t limit_bytes) {
    std::string text;
    for (;;) {
        const std::size_t had = text.size();
        if (had > limit_bytes) {
            throw Error(Kind::Limit, "a document is larger than {} bytes", limit_bytes);
        }
        text.resize(had + 64 * KiB);
        const ssize_t got =
            ::pread(fd, text.data() + had, text.size() - had, static_cast<off_t>(had));
        if (got < 0) {
            throw errno_error("cannot read a document");
        }
        text.resize(had + static_cast<std::size_t>(got));
        if (got == 0) {
            return text;
        }
    }
}

} // namespace slipway
