// The text forms of OpenPGP (RFC 9580 §6 and §7): ASCII armor and the clearsigned document. Pure;
// nothing here says whether a signature holds.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway::verify {

/// What was unwrapped, or why it could not be.
struct Unwrapped {
    std::string content;
    std::string problem; ///< empty when `content` holds; else "the armor's checksum is wrong"
};

/// Whether a line says "-----BEGIN PGP SIGNED MESSAGE-----".
bool is_clearsigned(std::string_view document) noexcept;

/// The text inside the first clearsigned block: dash-escapes undone, blanks at line ends dropped.
Unwrapped unwrap_clearsigned(std::string_view document);

/// The first clearsigned block itself, from its BEGIN line to the end of its signature: all that
/// an engine may see, since it would read a second block into the same text. Nothing when the
/// block is not complete.
std::optional<std::string_view> clearsigned_block(std::string_view document) noexcept;

/// Whether a line begins "-----BEGIN PGP ".
bool is_armored(std::string_view text) noexcept;

/// The bytes of every armored block of this kind ("PGP SIGNATURE", "PGP PUBLIC KEY BLOCK"), one
/// after the other; text around the blocks is ignored. A checksum (CRC24) that is there must hold.
Unwrapped dearmor(std::string_view text, std::string_view kind);

} // namespace slipway::verify
