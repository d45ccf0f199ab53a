// Any bytes as a key ring, a signature, an armored text: no crash, and what is taken is whole.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "check/key_rings.hh"
#include "check/openpgp_packets.hh"
#include "verify/openpgp_text.hh"

using namespace slipway::verify;
using namespace slipway::check;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "openpgp_fuzz: %s\n", what));
        std::abort();
    }
}

void read_ring(std::string_view bytes) {
    KeyRings rings;
    rings.add(bytes);
    if (rings.keys() > 0) {
        KeyRings again;
        require(again.add(rings.bytes()).empty(), "a ring of ours has a problem");
        require(again.keys() == rings.keys() && again.bytes() == rings.bytes(),
                "a ring of ours reads as another");
    }
}

void read_signature(std::string_view bytes) {
    for (const Packet& packet : split_packets(bytes).packets) {
        const ClaimedSigner signer = claimed_signer(packet.body);
        require(signer.key_id.empty() || signer.key_id.size() == 16, "a key id of another length");
        require(signer.fingerprint.empty() || (signer.fingerprint.size() == 40 &&
                                               signer.fingerprint.ends_with(signer.key_id)),
                "a fingerprint of another key");
        static_cast<void>(check_key_body(packet.body));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    read_ring(bytes);
    read_signature(bytes);
    const Unwrapped armor = dearmor(bytes, "PGP SIGNATURE");
    require(armor.problem.empty() == !armor.content.empty(), "armor without content or reason");
    read_signature(armor.content);
    return 0;
}
