// errno → kind and words.

#include "base/error.hh"

#include <system_error>

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
    return Error(kind_of_errno(number), "{}: {}", doing, errno_text(number));
}

} // namespace slipway
