// The descriptors that slipway-transfer is started with, made safe before anything is opened.

#pragma once

#include <string>

#include "base/fd.hh"

namespace slipway::transfer {

/// Opens /dev/null for each of 0, 1 and 2 that is closed: no file of ours may come to lie there,
/// where events or messages would be written into it.
void fill_standard_fds();

/// What the caller passed as descriptor 3, moved out of its place; nothing when it passed none.
Fd take_passed_fd();

/// Reads the one line of the request from `fd`, without the newline and nothing beyond it.
/// @throws Error InvalidArgument: it ends before the newline, or is too long
std::string read_request_line(int fd);

/// @throws Error Limit: fewer descriptors may be open than a transfer needs
void check_fd_limit();

} // namespace slipway::transfer
