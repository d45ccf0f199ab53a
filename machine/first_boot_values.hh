// What a person may choose for a machine's first boot, as words. Every function throws Error
// InvalidArgument, in one line, with what was expected and found.

#pragma once

#include <string>
#include <string_view>

namespace slipway::machine {

/// A name that useradd(8) takes on every distribution: lower-case letters, digits, '_' and '-', no
/// digit and no '-' in front, at most 32.
std::string parse_guest_user(std::string_view value);

/// A line of a ".pub" or authorized_keys file (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"): type,
/// base64, comment, to that with one blank between them; the file's last newline may be there.
/// The base64 is the whole of a public key of that type (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709
/// §4, OpenSSH's PROTOCOL.u2f): a key that was cut when it was pasted is refused. Options in front,
/// certificates and DSA are refused, a private key as well, without being shown.
std::string parse_ssh_key(std::string_view value);

/// The name of a Debian package (Debian Policy §5.6.1), without version or architecture.
std::string parse_package(std::string_view value);

} // namespace slipway::machine
