// Ed25519 (RFC 8032), by OpenSSL. Linked by slipway-check alone.

#pragma once

#include <string_view>

namespace slipway::check {

/// Whether a signature of 64 bytes by a key of 32 holds over the message.
/// @throws Error Unsupported: this OpenSSL has no Ed25519
bool ed25519_holds(std::string_view key, std::string_view message, std::string_view signature);

} // namespace slipway::check
