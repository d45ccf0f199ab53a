// The fingerprint of an OpenPGP key of version 4 (RFC 9580 §5.5.4.2). Linked by slipway-check
// alone.

#pragma once

#include <string>
#include <string_view>

namespace slipway::check {

/// 40 upper-case hexadecimal digits.
/// @param body  of the packet of the public key, or of the subkey
/// @throws Error Unsupported: this OpenSSL has no SHA-1
std::string key_fingerprint(std::string_view body);

} // namespace slipway::check
