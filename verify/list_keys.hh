// All keys of the key files, for people. Run in slipway-check.

#pragma once

#include <vector>

#include "verify/engine_home.hh"
#include "verify/held_keys.hh"
#include "verify/key_list.hh"

namespace slipway::verify {

/// In the order of the files, and no more than fits (kMaxKeyListBytes).
/// @throws Error Unsupported: the engine is missing, or died
KeyList list_keys(const std::vector<KeyFile>& files, const OnHome& on_home);

} // namespace slipway::verify
