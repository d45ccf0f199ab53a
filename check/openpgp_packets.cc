// Headers in both formats, key material of the algorithms that version 4 keys have, subpackets.

#include "check/openpgp_packets.hh"

#include <cstddef>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

namespace slipway::check {
namespace {

// Takes numbers and fields from the front of bytes; every take fails once one has failed.
class Reader {
public:
    explicit Reader(std::string_view bytes) noexcept : rest_(bytes) {}

    bool ok() const noexcept { return ok_; }
    bool done() const noexcept { return ok_ && rest_.empty(); }
    std::string_view rest() const noexcept { return rest_; }

    /// A big-endian number of up to four bytes.
    std::uint32_t number(std::size_t size) noexcept {
        std::uint32_t value = 0;
        for (const char byte : field(size)) {
            value = value << 8 | static_cast<unsigned char>(byte);
        }
        return value;
    }
    std::string_view field(std::size_t size) noexcept {
        ok_ = ok_ && size <= rest_.size();
        const std::string_view taken = ok_ ? rest_.substr(0, size) : std::string_view();
        rest_.remove_prefix(taken.size());
        return taken;
    }
    /// A multiprecision integer (§3.2): its length in bits, then its bytes.
    void integer() noexcept { field((number(2) + 7) / 8); }
    /// A field behind its own length in one byte.
    void counted() noexcept { field(number(1)); }

private:
    std::string_view rest_;
    bool ok_ = true;
};

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char byte : bytes) {
        out += fmt::format("{:02X}", static_cast<unsigned char>(byte));
    }
    return out;
}

// §4.2.1: the length of a packet, and of a subpacket (§5.2.3.7), which has no partial form. The
// caller rules out 224 to 254 where they mean something else.
std::uint32_t new_length(Reader& reader, unsigned first_partial) noexcept {
    const std::uint32_t first = reader.number(1);
    if (first < 192) {
        return first;
    }
    if (first < first_partial) {
        return ((first - 192) << 8) + reader.number(1) + 192;
    }
    if (first < 255) {
        reader.field(SIZE_MAX); // a partial length: fails
        return 0;
    }
    return reader.number(4);
}

// Takes one packet from the front; nothing when it is damaged.
std::optional<Packet> take_packet(std::string_view& bytes) noexcept {
    Reader reader(bytes);
    const std::uint32_t header = reader.number(1);
    std::uint32_t length = 0;
    std::uint32_t tag = 0;
    if ((header & 0x80) == 0) {
        return std::nullopt;
    }
    if ((header & 0x40) != 0) {
        tag = header & 0x3F;
        length = new_length(reader, 224);
    } else if ((header & 3) != 3) { // 3: until the end of the file
        tag = header >> 2 & 0xF;
        length = reader.number(std::size_t{1} << (header & 3));
    } else {
        return std::nullopt;
    }
    const std::string_view body = reader.field(length);
    if (!reader.ok()) {
        return std::nullopt;
    }
    bytes = reader.rest();
    return Packet{static_cast<PacketTag>(tag), body};
}

// §5.5.5: the public part, by the algorithm's number.
void skip_key_material(Reader& reader, std::uint32_t algorithm) noexcept {
    switch (algorithm) {
    case 1: // RSA
    case 2:
    case 3:
        reader.integer();
        reader.integer();
        break;
    case 17: // DSA
        reader.integer();
        [[fallthrough]];
    case 16: // Elgamal
    case 20:
        reader.integer();
        reader.integer();
        reader.integer();
        break;
    case 19: // ECDSA
    case 22: // EdDSA
        reader.counted();
        reader.integer();
        break;
    case 18: // ECDH
        reader.counted();
        reader.integer();
        reader.counted();
        break;
    default: // the engine takes the material of an unknown one for opaque
        reader.field(reader.rest().size());
        break;
    }
}

// §5.2.3.7. Times count only in the area that is signed with the rest.
enum class Area { Signed, NotSigned };

void read_subpackets(std::string_view area, Area kind, ClaimedSigner& signer) {
    constexpr std::uint32_t kCreated = 2;
    constexpr std::uint32_t kExpires = 3; // counted from the creation
    constexpr std::uint32_t kIssuer = 16;
    constexpr std::uint32_t kSignersUserId = 28;
    constexpr std::uint32_t kIssuerFingerprint = 33;
    Reader reader(area);
    while (reader.ok() && !reader.done()) {
        Reader sub(reader.field(new_length(reader, 255)));
        const std::uint32_t type = sub.number(1) & 0x7F; // the high bit marks critical ones
        const std::string_view content = sub.rest();
        if (type == kSignersUserId && sub.ok()) {
            signer.user_id = content;
        } else if (type == kIssuer && content.size() == 8) {
            signer.key_id = hex(content);
        } else if (type == kIssuerFingerprint && content.size() == 21 && content[0] == 4) {
            signer.fingerprint = hex(content.substr(1));
        } else if (type == kCreated && content.size() == 4 && kind == Area::Signed) {
            signer.created = sub.number(4);
        } else if (type == kExpires && content.size() == 4 && kind == Area::Signed) {
            signer.expires = sub.number(4);
        }
    }
}

// §5.2.3. What is behind these fields is the signature proper.
void read_version_4(Reader& reader, ClaimedSigner& signer) {
    reader.field(2); // type, key algorithm
    signer.hash = reader.number(1);
    read_subpackets(reader.field(reader.number(2)), Area::Signed, signer);
    read_subpackets(reader.field(reader.number(2)), Area::NotSigned, signer);
    if (!signer.fingerprint.empty()) { // goes before a key id that says something else
        signer.key_id = signer.fingerprint.substr(24);
    }
    if (signer.expires > 0) {
        signer.expires += signer.created;
    }
}

// §5.2.2.
void read_version_3(Reader& reader, ClaimedSigner& signer) {
    reader.field(2); // a length that is always 5, type
    signer.created = reader.number(4);
    signer.key_id = hex(reader.field(8));
    reader.field(1); // key algorithm
    signer.hash = reader.number(1);
}

} // namespace

Packets split_packets(std::string_view bytes) {
    Packets result;
    for (std::string_view rest = bytes; !rest.empty();) {
        const std::optional<Packet> packet = take_packet(rest);
        if (!packet) {
            result.problem = fmt::format("it is damaged at byte {}", bytes.size() - rest.size());
            return result;
        }
        result.packets.push_back(*packet);
    }
    return result;
}

void append_packet(std::string& out, PacketTag tag, std::string_view body) {
    out.push_back(static_cast<char>(0xC0U | static_cast<unsigned>(tag)));
    out.push_back('\xFF'); // a length of four bytes
    for (unsigned shift = 32; shift > 0;) {
        shift -= 8;
        out.push_back(static_cast<char>(body.size() >> shift & 0xFF));
    }
    out += body;
}

KeyBody check_key_body(std::string_view body) noexcept {
    constexpr std::uint32_t kVersion = 4;
    Reader reader(body);
    const std::uint32_t version = reader.number(1);
    if (version != kVersion) {
        return reader.ok() ? KeyBody::OtherVersion : KeyBody::Damaged;
    }
    reader.number(4); // creation time
    const std::uint32_t algorithm = reader.number(1);
    skip_key_material(reader, algorithm);
    return reader.done() ? KeyBody::Fine : KeyBody::Damaged;
}

ClaimedSigner claimed_signer(std::string_view signature_body) {
    ClaimedSigner signer;
    Reader reader(signature_body);
    signer.version = reader.number(1);
    if (signer.version == 4) {
        read_version_4(reader, signer);
    } else if (signer.version == 3) {
        read_version_3(reader, signer);
    }
    return reader.ok() ? signer : ClaimedSigner();
}

} // namespace slipway::check
