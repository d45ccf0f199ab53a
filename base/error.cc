// errno → kind and words.

#include "base/error.hh"

#include <system_error>

#include <sys/resource.h>

namespace slipway {

Kind kind_of_errno(int number) noexcept {
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        return Kind::NotFound;
    case EEXIST:
    case ENOTEMPTY:
        return Kind::Exists;
    case EBUSY:
    case ETXTBSY:
    case EAGAIN:
        return Kind::Busy;
    case EACCES:
    case EPERM:
    case EROFS:
        return Kind::Denied;
    case ENOSPC:
    case EDQUOT:
        return Kind::NoSpace;
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EFBIG:
        return Kind::Limit;
    case EOPNOTSUPP:
    case ENOSYS:
        return Kind::Unsupported;
    default:
        return Kind::Other;
    }
}

std::string errno_text(int number) {
    return std::generic_category().message(number);
}

Error detail::make_errno_error(int number, std::string doing) {
    rlimit files{};
    if (number == EMFILE && ::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        return Error(Kind::Limit, "{}: this process may have {} descriptors open (ulimit -n)",
                     doing, files.rlim_cur);
    }
    return Error(kind_of_errno(number), "{}: {}", doing, errno_text(number));
}

} // namespace slipway
