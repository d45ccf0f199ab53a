// Relative paths in the environment count for nothing, as both specifications say.

#include "cli/state_directory.hh"

namespace slipway::cli {

std::filesystem::path state_directory(bool is_root,
                                      const std::function<const char*(const char*)>& variable) {
    const auto path = [&variable](const char* name) -> std::filesystem::path {
        const char* value = variable(name);
        return value != nullptr && *value == '/' ? value : "";
    };
    if (const auto given = path("STATE_DIRECTORY"); !given.empty()) {
        return given;
    }
    if (is_root) {
        return "/var/lib/slipway";
    }
    if (const auto states = path("XDG_STATE_HOME"); !states.empty()) {
        return states / "slipway";
    }
    const auto home = path("HOME");
    return home.empty() ? home : home / ".local/state/slipway";
}

} // namespace slipway::cli
