// What tells one inode of this host from every other, as long as it is not restarted.

#pragma once

#include <sys/types.h>

namespace slipway::volume {

struct InodeId {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const InodeId&, const InodeId&) = default;
};

/// @throws Error
InodeId inode_id(int fd);

} // namespace slipway::volume
