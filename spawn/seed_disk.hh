// The disk on which a guest's cloud-init finds what it is told at its first boot: NoCloud's, known
// by its volume id "cidata" (cloud-init, "NoCloud", "Source 2: drive with labeled filesystem").

#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace slipway::spawn {

/// Writes an ISO 9660 image with Rock Ridge and Joliet that holds `files` by name, 0600, whole or
/// not at all, replacing what has that name. Equal files make equal images. Besides the image,
/// whose size is some hundred KiB and the files', it is built in the system's temporary directory.
/// @param file  its directory exists; one caller at a time for each
/// @throws Error  InvalidArgument: a name that is not lower-case letters, digits, '-', '_' and '.',
///                at most 64 (Joliet's limit)
void write_seed_disk(const std::filesystem::path& file,
                     const std::map<std::string, std::string>& files);

} // namespace slipway::spawn
