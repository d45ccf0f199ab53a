// All keys of the key files, for people. Run in slipway-check.

#pragma once

#include <vector>

#include "check/engine_home.hh"
#include "check/held_keys.hh"
#include "verify/key_list.hh"

namespace slipway::check {

/// In the order of the files, and no more than fits (kMaxKeyListBytes).
/// @throws Error Unsupported: the engine is missing, or died
verify::KeyList list_keys(const std::vector<KeyFile>& files, const OnHome& on_home);

} // namespace slipway::check
