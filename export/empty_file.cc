// Whoever appends, or has moved the offset, wants the bytes where they stand.

#include "export/empty_file.hh"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway::exports {

bool is_empty_file(int fd) noexcept {
    struct stat info {};
    const int flags = ::fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_APPEND) == 0 && ::fstat(fd, &info) == 0 &&
           S_ISREG(info.st_mode) && info.st_size == 0 && ::lseek(fd, 0, SEEK_CUR) == 0;
}

} // namespace slipway::exports
