// Where direct mode remembers what the daemon keeps in /var/lib/slipway.

#pragma once

#include <filesystem>
#include <functional>

namespace slipway::cli {

/// $STATE_DIRECTORY where a service manager gives one (systemd.exec(5)); else /var/lib/slipway for
/// root, $XDG_STATE_HOME/slipway or ~/.local/state/slipway for others (XDG Base Directory
/// Specification). Empty: there is none.
/// @param variable  getenv(3)
std::filesystem::path state_directory(bool is_root,
                                      const std::function<const char*(const char*)>& variable);

} // namespace slipway::cli
