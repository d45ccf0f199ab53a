// What org.freedesktop.machine1 offers (machine1-images.md §2–4), machines and images alike, and
// what we add to an image on an interface of our own.

#pragma once

#include "base/bus_description.hh"

namespace slipway::importd {

inline constexpr const char* kMachine1Name = "org.freedesktop.machine1";
inline constexpr const char* kMachine1Path = "/org/freedesktop/machine1";

const bus::InterfaceSpec& machine1_manager();
const bus::InterfaceSpec& machine1_image();
/// Of a machine what is offered: what happens inside of one is not.
const bus::InterfaceSpec& machine1_machine();
/// io.slipway.Image1: where an image came from, what lies beside it, who uses it.
const bus::InterfaceSpec& slipway_image();

} // namespace slipway::importd
