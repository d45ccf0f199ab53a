// Every setting of systemd.nspawn(5), declared once: how it is read, which flag is the same, and
// whether a file counts that nobody vouches for.

#pragma once

#include <span>
#include <string_view>

#include "machine/network_words.hh"
#include "machine/settings.hh"

namespace slipway::machine {

/// What was read so far.
struct SettingsDraft {
    Settings settings;
    NetworkWords network;
    bool operator==(const SettingsDraft&) const = default;
};

struct SettingSpec {
    std::string_view section;
    std::string_view name;
    std::string_view flag; ///< systemd-nspawn's: "--bind"; empty: none
    /// Takes a value; an empty one takes back what the setting had. Lists grow.
    /// @throws Error InvalidArgument: what was expected and found
    void (*set)(SettingsDraft&, std::string_view name, std::string_view value);
    /// Why it does not count without trust, after "it would"; empty: it counts.
    std::string_view danger{};
    /// With a danger: values that give the machine less, and count all the same.
    bool (*is_harmless)(std::string_view value) = nullptr;
};

std::span<const SettingSpec> setting_table() noexcept;
/// Nothing for what is no setting. Case counts, as with systemd.
const SettingSpec* find_setting(std::string_view section, std::string_view name) noexcept;

} // namespace slipway::machine
