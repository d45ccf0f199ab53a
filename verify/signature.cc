// Reports of slipway-check on their way to the keeper (docs/protocol.md §4). A clearsigned text is
// not in the JSON: it travels in an anonymous file beside it.

#include "verify/signature.hh"

#include <algorithm>
#include <array>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "an answer of slipway-check";

struct StatusRow {
    SignatureStatus status;
    std::string_view word;
};
constexpr std::array kStatuses{
    StatusRow{SignatureStatus::Good, "good"},
    StatusRow{SignatureStatus::Bad, "bad"},
    StatusRow{SignatureStatus::UnknownKey, "unknown-key"},
    StatusRow{SignatureStatus::ExpiredKey, "expired-key"},
    StatusRow{SignatureStatus::RevokedKey, "revoked-key"},
    StatusRow{SignatureStatus::ExpiredSignature, "expired-signature"},
    StatusRow{SignatureStatus::WeakDigest, "weak-digest"},
    StatusRow{SignatureStatus::Unsupported, "unsupported"},
    StatusRow{SignatureStatus::Broken, "broken"},
    StatusRow{SignatureStatus::Pending, "pending"},
};

SignatureStatus to_status(const std::string& word) {
    const auto* row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                   [&](const StatusRow& r) { return r.word == word; });
    if (row == kStatuses.end()) {
        throw Error(Kind::Internal, "{} names an unknown status: {}", kWhat, quoted(word));
    }
    return row->status;
}

json to_value(const Signature& signature) {
    return {{"status", kStatuses.at(static_cast<std::size_t>(signature.status)).word},
            {"kind", signature.kind},
            {"fingerprint", signature.fingerprint},
            {"primary", signature.primary},
            {"rings", outside_values(signature.rings)},
            {"owner", to_utf8(signature.owner)},
            {"hash", signature.hash},
            {"key_kind", signature.key_kind},
            {"key_bits", signature.key_bits},
            {"weak_hash", signature.weak_hash},
            {"weak_key", signature.weak_key},
            {"unknown_subkey", signature.unknown_subkey},
            {"created", signature.created},
            {"key_expires", signature.key_expires},
            {"signature_expires", signature.signature_expires},
            {"detail", to_utf8(signature.detail)},
            {"comment", to_utf8(signature.comment)}};
}

Signature to_signature(const json& value) {
    return {.status = to_status(value.at("status").get<std::string>()),
            .kind = outside_text(value.at("kind")),
            .fingerprint = outside_text(value.at("fingerprint")),
            .primary = outside_text(value.at("primary")),
            .rings = outside_texts(value.at("rings")),
            .owner = outside_text(value.at("owner")),
            .hash = outside_text(value.at("hash")),
            .key_kind = outside_text(value.at("key_kind")),
            .key_bits = value.at("key_bits").get<unsigned>(),
            .weak_hash = value.at("weak_hash").get<bool>(),
            .weak_key = value.at("weak_key").get<bool>(),
            .unknown_subkey = value.at("unknown_subkey").get<bool>(),
            .created = time_of(value.at("created"), kWhat),
            .key_expires = time_of(value.at("key_expires"), kWhat),
            .signature_expires = time_of(value.at("signature_expires"), kWhat),
            .detail = outside_text(value.at("detail")),
            .comment = outside_text(value.at("comment"))};
}

} // namespace

std::string to_json(const SignatureReport& report) {
    json signatures = json::array();
    for (const Signature& signature : report.signatures) {
        signatures.push_back(to_value(signature));
    }
    return json{{"answer", "signatures"},
                {"signatures", std::move(signatures)},
                {"warnings", outside_values(report.warnings)},
                {"keys", report.keys}}
        .dump();
}

SignatureReport signature_report_from_json(std::string_view text) {
    const json value = parse_object(text, kWhat);
    return read_members(kWhat, [&value] {
        SignatureReport report;
        for (const json& signature : value.at("signatures")) {
            report.signatures.push_back(to_signature(signature));
        }
        report.warnings = outside_texts(value.at("warnings"));
        report.keys = value.at("keys").get<std::size_t>();
        return report;
    });
}

} // namespace slipway::verify
