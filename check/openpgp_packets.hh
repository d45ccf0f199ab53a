// The outer form of OpenPGP data (RFC 9580 §4 and §5): packets, and as much of their bodies as is
// needed to hand the engine nothing that would confuse it. Pure; no cryptography.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::check {

/// Packet types (RFC 9580 §5) that key rings and signatures hold.
enum class PacketTag : unsigned {
    Signature = 2,
    SecretKey = 5,
    PublicKey = 6,
    SecretSubkey = 7,
    Marker = 10,
    Trust = 12,
    UserId = 13,
    PublicSubkey = 14,
    UserAttribute = 17,
    Padding = 21,
};

/// A view into the bytes that were split.
struct Packet {
    PacketTag tag{};
    std::string_view body; ///< without its header
};

struct Packets {
    std::vector<Packet> packets;
    std::string problem; ///< empty when all of it was packets; else "it is damaged at byte 17"
};

/// Splits binary OpenPGP data. Lengths that are not stated (partial, indeterminate) are for data
/// packets only and count as damage.
Packets split_packets(std::string_view bytes);

/// Writes a packet.
void append_packet(std::string& out, PacketTag tag, std::string_view body);

/// Whether the engine can read the body of a public key. One that it stumbles over would hide
/// every key behind it in the same ring (found by trying).
enum class KeyBody {
    Fine,
    OtherVersion, ///< not 4: whole, but of another OpenPGP
    Damaged,
};
KeyBody check_key_body(std::string_view body) noexcept;

/// What a signature says of itself, unproven: for what can be told before the signed bytes are
/// here, and for hints in messages.
struct ClaimedSigner {
    unsigned version = 0;    ///< only 3 and 4 are read further; 0: it is damaged
    std::string key_id;      ///< 16 upper-case hexadecimal digits; may be empty
    std::string fingerprint; ///< 40 of them; may be empty
    std::string user_id;     ///< of a certificate, or its mail address; may be empty
    unsigned hash = 0;       ///< RFC 9580 §9.5
    std::int64_t created = 0;
    std::int64_t expires = 0; ///< 0: never
};
ClaimedSigner claimed_signer(std::string_view signature_body);

} // namespace slipway::check
