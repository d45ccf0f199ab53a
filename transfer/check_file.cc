// The bytes go from the file to slipway-check by splice(2): the keeper does not hold them.

#include "transfer/check_file.hh"

#include <cerrno>
#include <cstddef>

#include <fcntl.h>
#include <poll.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

constexpr std::size_t kPieceBytes = 64 * KiB;

// False at the end, or when nobody reads any more: what happened is told by the check.
bool send_piece(int file, loff_t& offset, int pipe) {
    const ssize_t sent = ::splice(file, &offset, pipe, nullptr, kPieceBytes, SPLICE_F_NONBLOCK);
    if (sent < 0 && errno != EAGAIN && errno != EINTR && errno != EPIPE) {
        throw errno_error("cannot read what was signed");
    }
    return sent > 0 || (sent < 0 && errno != EPIPE);
}

} // namespace

verify::SignatureReport check_file(const verify::SignatureChecker& checker,
                                   std::string_view signature, int file,
                                   const std::stop_token& stop) {
    verify::StreamedCheck check(checker, signature);
    loff_t offset = 0;
    do {
        wait_for(check.input(), POLLOUT, stop);
    } while (send_piece(file, offset, check.input()));
    check.close_input();
    return check.finish(stop);
}

} // namespace slipway::transfer
