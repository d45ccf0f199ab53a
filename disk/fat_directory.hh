// Which files a FAT file system has in one directory: enough to say whether firmware finds a loader
// there. Layout: Microsoft's "FAT: General Overview of On-Disk Format", 1.03, which the UEFI
// specification (§13.3) takes over.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::disk {

/// The short names ("BOOTX64.EFI", upper case as they are stored) of the files in the directory
/// that `path` leads to, each step a short name, too. Nothing when there is no such directory, or
/// the file system cannot be made out. However it is made, less than 1 MiB is read.
/// @param disk         opened for reading; borrowed, its position stays
/// @param start_bytes  where the file system starts
/// @throws Error  it cannot be read
std::optional<std::vector<std::string>>
list_fat_directory(int disk, std::uint64_t start_bytes, const std::vector<std::string_view>& path);

} // namespace slipway::disk
