// An ISO 9660 image that is the same every time it is written. Pure.
//
// libarchive has no option for it: it asks the clock for the volume and its root, shows times in
// the caller's zone, takes the caller's user for the root's owner, writes a note of when and with
// what it ran, and makes the primary volume's name upper-case.

#pragma once

#include <string>
#include <string_view>

namespace slipway::spawn {

/// Gives every date of the volume descriptors, the directory records of the root and their Rock
/// Ridge fields one constant value, every owner the number 0, both volumes' names `volume_id`, and
/// empties the note. (ECMA-119 §8.4, §9.1; IEEE P1282 §4.1.1, §4.1.6; Joliet Specification.)
/// @param image  of files in the root directory alone
/// @throws Error Internal: it is no such image
void settle_iso(std::string& image, std::string_view volume_id);

} // namespace slipway::spawn
