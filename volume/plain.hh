// A new directory or file without what its place hands down to it.

#pragma once

#include <sys/types.h>

namespace slipway::volume {

/// Makes it ours, with this mode and without ACLs: a set-group-ID pool hands down its group, a
/// default ACL itself.
/// @throws Error
void make_plain(int fd, mode_t mode);

} // namespace slipway::volume
