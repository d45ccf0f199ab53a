// Closing and duplicating descriptors.

#include "base/fd.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway {

void Fd::reset(int number) noexcept {
    if (number_ >= 0) {
        ::close(number_);
    }
    number_ = number;
}

void Fd::close() {
    const int number = release();
    // EINTR on Linux means closed all the same (close(2), "Dealing with error returns").
    if (number >= 0 && ::close(number) < 0 && errno != EINTR) {
        throw errno_error("cannot close a file that was written");
    }
}

Fd Fd::duplicate() const {
    const int copy = ::fcntl(number_, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) {
        throw errno_error("cannot duplicate a descriptor");
    }
    return Fd(copy);
}

} // namespace slipway
