// Nothing reaches the engine that was not taken apart before: of a signature file the signature
// packets alone, of a clearsigned document one block, of the key rings whole keys.

#include "check/check_signatures.hh"

#include <algorithm>
#include <utility>

#include "base/error.hh"
#include "base/quoted.hh"
#include "check/engine_home.hh"
#include "check/held_keys.hh"
#include "check/key_fingerprint.hh"
#include "check/minisign.hh"
#include "check/minisign_check.hh"
#include "check/openpgp.hh"
#include "check/openpgp_packets.hh"
#include "check/signature_kind.hh"
#include "stream/fd_stream.hh"
#include "verify/openpgp_text.hh"

namespace slipway::check {
namespace {

// More than any publisher signs with; a report has to fit one message.
constexpr std::size_t kMaxSignatures = 32;

// The bodies of the signature packets in a detached signature or a clearsigned block. Nothing when
// there is anything else in it: the engine would take a signed message for its own statement.
std::vector<std::string> signature_packets(std::string_view text) {
    verify::Unwrapped unwrapped{std::string(text), {}};
    if (verify::is_armored(text)) {
        unwrapped = verify::dearmor(text, "PGP SIGNATURE");
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
void mark_unknown_subkeys(verify::SignatureReport& report, const std::vector<std::string>& bodies,
                          const KeyRings& rings) {
    for (verify::Signature& signature : report.signatures) {
        if (signature.status != verify::SignatureStatus::UnknownKey) {
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

// Which files hold the keys that signed.
void name_rings(verify::SignatureReport& report, const KeyRings& rings) {
    for (const Certificate& certificate : rings.certificates()) {
        const std::string fingerprint = key_fingerprint(certificate.primary.body);
        for (verify::Signature& signature : report.signatures) {
            if (signature.primary == fingerprint) {
                signature.rings = certificate.files;
            }
        }
    }
}

// gpg has no word for some signatures it cannot read, and none when it dies, either: then it has
// one for the same signatures over another statement, or none for any key.
void explain_silence(verify::SignatureReport& report, const std::vector<std::string>& bodies,
                     bool complete, std::size_t keys, OpenPgp& engine) {
    stream::MemorySource nothing{Bytes()};
    if (!complete || !engine.verify_detached(nothing, join(bodies)).signatures.empty() ||
        (keys > 0 && !engine.can_list_keys())) {
        throw Error(Kind::Unsupported, "the OpenPGP engine died");
    }
    for (const std::string& body : bodies) {
        verify::Signature signature;
        signature.status = verify::SignatureStatus::Unsupported;
        signature.fingerprint = claimed_signer(body).key_id;
        signature.detail = "the engine cannot read it";
        report.signatures.push_back(std::move(signature));
    }
}

// An engine that dies knows no key: then it cannot list one, either.
EngineFindings foresee(const std::vector<std::string>& bodies, std::int64_t now, std::size_t keys,
                       OpenPgp& engine) {
    if (keys > 0 && !engine.can_list_keys()) {
        throw Error(Kind::Unsupported, "the OpenPGP engine died");
    }
    EngineFindings findings;
    for (const std::string& body : bodies) {
        findings.signatures.push_back(engine.foresee(claimed_signer(body), now));
    }
    return findings;
}

EngineFindings ask_engine(const CheckRequest& request, std::string_view block,
                          const std::vector<std::string>& bodies, stream::Source* stream,
                          std::size_t keys, OpenPgp& engine) {
    if (request.form == verify::CheckForm::Clearsigned) {
        return engine.verify_clearsigned(block);
    }
    if (request.form == verify::CheckForm::Foresee) {
        return foresee(bodies, request.now, keys, engine);
    }
    stream::MemorySource statement(std::as_bytes(std::span(request.statement)));
    return engine.verify_detached(stream != nullptr ? *stream : statement, join(bodies));
}

void check_openpgp(const CheckRequest& request, std::string_view block,
                   const std::vector<std::string>& bodies, stream::Source* stream,
                   const KeyRings& rings, const OnHome& on_home, verify::SignatureReport& report) {
    EngineHome home(rings.bytes());
    on_home(home.path());
    OpenPgp engine(home.path());
    EngineFindings findings = ask_engine(request, block, bodies, stream, rings.keys(), engine);
    report.signatures = std::move(findings.signatures);
    report.text = std::move(findings.text);
    if (report.signatures.empty()) {
        explain_silence(report, bodies, findings.complete, rings.keys(), engine);
    }
    mark_unknown_subkeys(report, bodies, rings);
    name_rings(report, rings);
}

verify::Signature ask_minisign(const CheckRequest& request, const MinisignSignature& signature,
                               stream::Source* stream, const std::vector<HeldMinisignKey>& keys) {
    if (request.form == verify::CheckForm::Foresee) {
        return foresee_minisign(signature, keys);
    }
    return stream != nullptr ? check_minisign(signature, keys, *stream)
                             : check_minisign(signature, keys, request.statement);
}

// A kind that cannot be read is named, and is no verdict.
void name_kind(std::string_view content, verify::SignatureReport& report) {
    const std::string_view kind = unsupported_kind(content);
    if (!kind.empty()) {
        verify::Signature signature;
        signature.status = verify::SignatureStatus::Unsupported;
        signature.kind = kind;
        signature.detail = kind;
        report.signatures.push_back(std::move(signature));
    }
}

} // namespace

verify::SignatureReport check_signatures(const CheckRequest& request, stream::Source* stream,
                                         const OnHome& on_home) {
    verify::SignatureReport report;
    const HeldKeys keys = read_key_files(request.rings, report.warnings);
    report.keys = keys.size();
    const bool clearsigned = request.form == verify::CheckForm::Clearsigned;
    if (!clearsigned) {
        if (const auto signature = read_minisign_signature(request.signature)) {
            report.signatures = {ask_minisign(request, *signature, stream, keys.minisign())};
            return report;
        }
    }
    const std::string_view block =
        clearsigned ? verify::clearsigned_block(request.statement).value_or("") : "";
    const std::vector<std::string> bodies =
        signature_packets(clearsigned ? block : std::string_view(request.signature));
    if (!bodies.empty()) {
        check_openpgp(request, block, bodies, stream, keys.openpgp(), on_home, report);
    } else if (!clearsigned) {
        name_kind(request.signature, report);
    }
    return report;
}

} // namespace slipway::check
