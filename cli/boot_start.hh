// Machines that start with the host: units of its systemd, as machinectl names them.

#pragma once

#include <string>
#include <vector>

#include "cli/console.hh"
#include "cli/options.hh"
#include "toolbox/service_manager.hh"

namespace slipway::cli {

/// "systemd-nspawn@NAME.service" for each.
/// @throws Error InvalidArgument: no name for a machine
std::vector<std::string> machine_units(const std::vector<std::string>& names);

/// Before anything is asked of the host's systemd.
/// @throws Error Unsupported: it does not run; says what to do instead
void expect_systemd(const std::string& verb, const std::string& name);

/// As machinectl tells them, unless --quiet is given.
void print_changes(const std::vector<toolbox::UnitFileChange>& changes, const Options& options,
                   Console& console);

} // namespace slipway::cli
