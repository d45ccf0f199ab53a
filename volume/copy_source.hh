// Looking at a source, which somebody may change at any moment, without changing it.

#pragma once

#include <optional>
#include <string>

#include <sys/stat.h>

#include "base/fd.hh"
#include "volume/inode_id.hh"

namespace slipway::volume {

/// What a name is, symlinks not followed and nothing mounted by looking. Nothing when it is not
/// there any more.
/// @throws Error
std::optional<struct statx> find_entry(int directory, const std::string& name);

/// What an open file is now.
/// @throws Error
struct statx look_at(int fd);

InodeId id_of(const struct statx& info) noexcept;
/// Also of a place where the next look would mount something.
bool is_mount_point(const struct statx& info) noexcept;
/// Whether size and time of modification are the same.
bool is_same_version(const struct statx& a, const struct statx& b) noexcept;

/// Opens what lies beneath a directory for reading as open_beneath() does, leaving no access time
/// where that is allowed: to the owner, and to root.
/// @param flags  more flags of open(2)
Fd open_quietly(int directory, const std::string& path, int flags = 0) noexcept;

/// @throws Error
std::string read_link(int directory, const std::string& name);

} // namespace slipway::volume
