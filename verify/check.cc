// Nothing reaches the engine that was not taken apart before: of a signature file the signature
// packets alone, of a clearsigned document one block, of the key rings whole keys.

#include "verify/check.hh"

#include <algorithm>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/engine_home.hh"
#include "verify/key_rings.hh"
#include "verify/openpgp.hh"
#include "verify/openpgp_packets.hh"
#include "verify/openpgp_text.hh"

namespace slipway::verify {
namespace {

// More than any publisher signs with; a report has to fit one message.
constexpr std::size_t kMaxSignatures = 32;
constexpr std::size_t kMaxWarnings = 50;

void warn(SignatureReport& report, const CheckRequest::Ring& ring, std::string_view problem) {
    if (report.warnings.size() < kMaxWarnings) {
        report.warnings.push_back(fmt::format("key ring {}: {}", quoted(ring.name), problem));
    }
}

KeyRings merge_rings(const CheckRequest& request, SignatureReport& report) {
    KeyRings rings;
    for (const CheckRequest::Ring& ring : request.rings) {
        const std::string problem = ring.problem.empty() ? rings.add(ring.content) : ring.problem;
        if (!problem.empty()) {
            warn(report, ring, problem);
        }
    }
    report.keys = rings.keys();
    return rings;
}

// The bodies of the signature packets in a detached signature or a clearsigned block. Nothing when
// there is anything else in it: the engine would take a signed message for its own statement.
std::vector<std::string> signature_packets(std::string_view text) {
    Unwrapped unwrapped{std::string(text), {}};
    if (is_armored(text)) {
        unwrapped = dearmor(text, "PGP SIGNATURE");
    }
    const Packets packets = split_packets(unwrapped.content);
    if (!unwrapped.problem.empty() || !packets.problem.empty() ||
        packets.packets.size() > kMaxSignatures) {
        return {};
    }
    std::vector<std::string> bodies;
    for (const Packet& packet : packets.packets) {
        if (packet.tag != PacketTag::Signature) {
            return {};
        }
        bodies.emplace_back(packet.body);
    }
    return bodies;
}

std::string join(const std::vector<std::string>& bodies) {
    std::string out;
    for (const std::string& body : bodies) {
        append_packet(out, PacketTag::Signature, body);
    }
    return out;
}

// Whether a key that we lack says that it belongs to an owner whose key we have.
void mark_unknown_subkeys(SignatureReport& report, const std::vector<std::string>& bodies,
                          const KeyRings& rings) {
    for (Signature& signature : report.signatures) {
        if (signature.status != SignatureStatus::UnknownKey) {
            continue;
        }
        for (const std::string& body : bodies) {
            const ClaimedSigner signer = claimed_signer(body);
            if (!signer.key_id.empty() && signature.fingerprint.ends_with(signer.key_id) &&
                rings.names(signer.user_id)) {
                signature.unknown_subkey = true;
                signature.owner = escaped(signer.user_id, 200);
            }
        }
    }
}

// gpg has no word for some signatures it cannot read, and none when it dies, either.
void explain_silence(SignatureReport& report, const std::vector<std::string>& bodies,
                     OpenPgp& engine) {
    if (report.keys > 0 && !engine.can_list_keys()) {
        throw Error(Kind::Unsupported, "the OpenPGP engine died");
    }
    for (const std::string& body : bodies) {
        Signature signature;
        signature.status = SignatureStatus::Unsupported;
        signature.fingerprint = claimed_signer(body).key_id;
        signature.detail = "the engine cannot read it";
        report.signatures.push_back(std::move(signature));
    }
}

} // namespace

SignatureReport check_signatures(const CheckRequest& request,
                                 const std::function<void(const std::filesystem::path&)>& on_home) {
    SignatureReport report;
    const KeyRings rings = merge_rings(request, report);
    const std::string_view block =
        request.clearsigned ? clearsigned_block(request.statement).value_or("") : "";
    const std::vector<std::string> bodies =
        signature_packets(request.clearsigned ? block : std::string_view(request.signature));
    if (bodies.empty()) {
        return report;
    }
    EngineHome home(rings.bytes());
    on_home(home.path());
    OpenPgp engine(home.path());
    EngineFindings findings = request.clearsigned
                                  ? engine.verify_clearsigned(block)
                                  : engine.verify_detached(request.statement, join(bodies));
    report.signatures = std::move(findings.signatures);
    report.text = std::move(findings.text);
    if (report.signatures.empty()) {
        explain_silence(report, bodies, engine);
    }
    mark_unknown_subkeys(report, bodies, rings);
    return report;
}

} // namespace slipway::verify
