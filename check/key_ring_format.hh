// The formats that a key ring comes in, told apart by its bytes. Pure; run in slipway-check.

#pragma once

#include <string_view>

#include "verify/openpgp_text.hh"

namespace slipway::check {

/// The binary packets of a ring that is binary itself, armored (also in several blocks) or a
/// keybox of GnuPG; or what is wrong with it: "it is empty", "it is a damaged keybox".
verify::Unwrapped key_ring_packets(std::string_view content);

} // namespace slipway::check
