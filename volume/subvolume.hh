// btrfs subvolumes. The one door to libbtrfsutil; quota is never touched.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::volume {

/// Whether the open directory is the top of a subvolume: inode 256 on btrfs.
bool is_subvolume(int fd) noexcept;

/// Makes an empty subvolume.
/// @throws Error
void make_subvolume(int parent, const std::string& name);

/// Makes a writable snapshot of the subvolume `source`, which may be read-only, without those
/// nested in it: empty directories stand in their place. volume/snapshot.hh makes whole ones.
/// @throws Error
void make_flat_snapshot(int source, int parent, const std::string& name);

/// The subvolumes nested in one, by path relative to it, each behind what it is nested in.
/// @throws Error
std::vector<std::string> nested_subvolumes(int subvolume);

/// Whether `source` is a subvolume of which a snapshot can be made in `directory`: both lie on one
/// file system, and the directory not in the subvolume itself.
bool can_make_snapshot(int source, int directory) noexcept;

/// Whether files of one can share their blocks with files of the other, if any can: they lie on one
/// file system, in whichever subvolumes.
bool are_on_one_file_system(int a, int b) noexcept;

/// The number that its file system never gives to a second subvolume.
/// @throws Error
std::uint64_t subvolume_id(int fd);

/// @throws Error
bool is_read_only_subvolume(int fd);
/// @throws Error
void set_subvolume_read_only(int fd, bool read_only);

/// Microseconds since 1970; nothing when the kernel does not tell us.
std::optional<std::int64_t> subvolume_created_us(int fd) noexcept;
/// The same for the last change of anything in it.
std::optional<std::int64_t> subvolume_changed_us(int fd) noexcept;

/// Deletes a subvolume with those nested in it, in time that does not depend on their size. False
/// when the kernel does not let us (no privilege, a read-only one with others nested in it): then
/// it can still be emptied and removed as a directory.
bool delete_subvolume(int parent, const std::string& name) noexcept;

} // namespace slipway::volume
