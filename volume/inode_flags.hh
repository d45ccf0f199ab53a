// The flags of chattr(1): FS_IMMUTABLE marks a directory image read-only, and stands in the way of
// its removal.

#pragma once

#include <optional>

namespace slipway::volume {

/// False where the file system has no such flag.
bool is_immutable(int fd) noexcept;

/// Sets or clears FS_IMMUTABLE.
/// @throws Error Unsupported (the file system has no such flag), Denied
void set_immutable(int fd, bool immutable);

/// Lets an empty file of btrfs be written in place (FS_NOCOW): without checksums and compression,
/// and without breaking into pieces; or not. False where there is no such flag.
bool set_no_cow(int fd, bool no_cow = true) noexcept;
bool is_no_cow(int fd) noexcept;

/// Clears FS_IMMUTABLE and FS_APPEND, which both forbid removal. All flags as they were before,
/// when one of the two was set and is not any more.
std::optional<unsigned> clear_guards(int fd) noexcept;
void restore_flags(int fd, unsigned flags) noexcept;

} // namespace slipway::volume
