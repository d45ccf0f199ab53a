// Where settings of machines lie, and which of them count.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "machine/settings.hh"

namespace slipway::machine {

struct SettingsPlaces {
    /// The administrator's, first one first.
    std::vector<std::filesystem::path> trusted{"/etc/systemd/nspawn", "/run/systemd/nspawn"};
    std::filesystem::path beside_image; ///< the pool: whoever publishes an image writes here
};

struct FoundSettings {
    std::optional<SettingsFile> file;             ///< the one that counts
    std::vector<std::filesystem::path> outranked; ///< others, which are not read
};

/// The first NAME.nspawn counts, and it alone: an administrator's file stands in place of the
/// publisher's, as with systemd-nspawn, and does not add to it.
/// @throws Error  a trusted one cannot be read; InvalidArgument: see read_settings()
FoundSettings find_settings(const std::string& name, const SettingsPlaces& places);

} // namespace slipway::machine
