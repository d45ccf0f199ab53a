// The command line of slipway-importd.

#pragma once

#include <filesystem>
#include <optional>

namespace slipway::importd {

/// Whether the daemon answers as org.freedesktop.import1, too.
enum class Import1Name {
    Auto, ///< where no systemd runs, or its dbus-org.freedesktop.import1.service is ours
    Yes,
    No,
};

/// Whether it answers as org.freedesktop.machine1: never where somebody else does or could.
enum class Machine1Name { Auto, No };

struct Arguments {
    std::filesystem::path config = "/etc/slipway/importd.conf";
    std::filesystem::path state = "/var/lib/slipway";
    std::filesystem::path cache = "/var/cache/slipway";
    std::filesystem::path runtime = "/run/slipway";
    Import1Name import1 = Import1Name::Auto;
    Machine1Name machine1 = Machine1Name::Auto;
    bool exits_on_idle = true;
    bool debug = false;
};

/// Nothing when it only had to answer (--help, --version), which is done.
/// @throws Error InvalidArgument
std::optional<Arguments> parse_arguments(int argc, char** argv);

} // namespace slipway::importd
