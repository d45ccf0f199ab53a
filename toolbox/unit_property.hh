// The properties of a transient unit, from the words of systemd.exec(5) to the types that the bus
// has for them (org.freedesktop.systemd1(5)).

#pragma once

#include <string>
#include <vector>

#include "base/bus.hh"

namespace slipway::toolbox {

/// A name and its value, as StartTransientUnit takes them.
using UnitProperty = bus::Struct<std::string, bus::Variant>;

/// @param lines  "Name=value", as LaunchPlan::unit_properties has them. What has several lines is
///               one list.
/// @throws Error Internal: a property that no plan has, or a value that is none of it
std::vector<UnitProperty> unit_properties_of(const std::vector<std::string>& lines);

/// "ExecStartEx" or "ExecStopEx", without the expansion of "$" that systemd does on its own: what
/// is in a path or a machine's arguments stays as it is.
UnitProperty exec_property(const std::string& name, const std::vector<std::string>& arguments);

} // namespace slipway::toolbox
