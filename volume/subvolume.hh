// btrfs subvolumes. The one door to libbtrfsutil; quota is never touched.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway::volume {

/// What btrfs keeps of a subvolume.
struct SubvolumeInfo {
    std::uint64_t id = 0; ///< that its file system never gives to a second one
    std::array<std::uint8_t, 16> uuid{};
    std::uint64_t generation = 0; ///< moves with every transaction that changes anything in it
    std::uint64_t made_in = 0;    ///< the transaction that made it
    bool read_only = false;
    std::int64_t created_us = 0; ///< microseconds since 1970
    std::int64_t changed_us = 0; ///< the same, of the last change of anything in it
};

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

/// Nothing when the kernel does not tell us.
std::optional<SubvolumeInfo> find_subvolume_info(int fd) noexcept;

/// The subvolumes that lie directly in a directory, by name, in one sweep over all of the file
/// system's (measured: 10,000 in 20 ms, where asking each takes 100). Nothing when we may not look
/// (CAP_SYS_ADMIN).
std::optional<std::map<std::string, SubvolumeInfo, std::less<>>> subvolumes_in(int directory);

/// Deletes a subvolume with those nested in it, in time that does not depend on their size. False
/// when the kernel does not let us (no privilege, a read-only one with others nested in it): then
/// it can still be emptied and removed as a directory.
bool delete_subvolume(int parent, const std::string& name) noexcept;

} // namespace slipway::volume
