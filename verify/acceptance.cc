// Neither the engine's exit status nor its trust is asked; each rule below is one reason for which
// a signature does not count.

#include "verify/acceptance.hh"

#include <ctime>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace slipway::verify {
namespace {

using std::chrono::system_clock;

// Clocks differ; a signature may be this much younger than now.
constexpr std::chrono::hours kClockSlack{24};

struct Reason {
    VerdictWord word;
    std::string text;
};

std::string date(std::int64_t seconds) {
    const std::time_t time = seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    return fmt::format("{:%Y-%m-%d}", parts);
}

bool lies_in_future(const Signature& signature, const Weights& weights) {
    return system_clock::from_time_t(signature.created) > weights.now + kClockSlack;
}

Reason future(const Signature& signature) {
    return {VerdictWord::FutureSignature,
            fmt::format("signature lies in the future: is the clock right? {} signed on {}",
                        key_and_owner(signature), date(signature.created))};
}

Reason unknown_key(const Signature& signature, std::size_t keys) {
    if (signature.unknown_subkey) {
        return {VerdictWord::UnknownKey,
                fmt::format("signed by {}, an unknown key here; it names {} as its owner, whose "
                            "key we have without this subkey: refresh the key file",
                            signature.fingerprint, signature.owner)};
    }
    return {VerdictWord::UnknownKey,
            fmt::format("signed by {}, an unknown key here ({}); where the publisher's key is "
                        "known, it may be a new subkey: refresh the key file",
                        signature.fingerprint,
                        keys == 0 ? "no key ring holds a key"
                                  : fmt::format("the key rings hold {} other{}", keys,
                                                keys == 1 ? "" : "s"))};
}

Reason weak(const Signature& signature) {
    if (signature.weak_key) {
        return {VerdictWord::WeakDigest,
                fmt::format("weak digest: {} signed with a weak key ({}, {} bits)",
                            key_and_owner(signature), signature.key_kind, signature.key_bits)};
    }
    return {VerdictWord::WeakDigest, fmt::format("weak digest: {} signed with {}",
                                                 key_and_owner(signature), signature.hash)};
}

Reason not_here(const Signature& signature, std::string_view objection) {
    return {VerdictWord::UnknownKey, fmt::format("signed by {}, an unknown key here: {}",
                                                 key_and_owner(signature), objection)};
}

// Why a signature that fits does not count after all; nothing when it does.
std::optional<Reason> objection(const Signature& signature, const Weights& weights) {
    if (signature.primary.empty()) {
        return Reason{VerdictWord::UnknownKey,
                      fmt::format("signed by {}, an unknown key here", signature.fingerprint)};
    }
    if (signature.weak_hash || signature.weak_key) {
        return weak(signature);
    }
    if (lies_in_future(signature, weights)) {
        return future(signature);
    }
    return std::nullopt;
}

// A key that has expired signs no more; what it signed before may count where a drop-in says so.
std::optional<Reason> expired(const Signature& signature, const Weights& weights) {
    const bool in_time = signature.created > 0 && signature.created < signature.key_expires;
    if (in_time && weights.scope.accepts_expired(signature)) {
        return objection(signature, weights);
    }
    return Reason{
        VerdictWord::ExpiredKey,
        fmt::format("key {} expired on {}", key_and_owner(signature), date(signature.key_expires))};
}

// OpenPGP's engine knows one way of not fitting, minisign has several.
Reason bad(const Signature& signature, std::string_view file) {
    const std::string how =
        signature.kind == "OpenPGP" ? "that does not fit" : "that is bad: " + signature.detail;
    return {VerdictWord::BadSignature, fmt::format("bad signature: {} holds one by {} {}", file,
                                                   key_and_owner(signature), how)};
}

// Why a signature does not count; nothing when it does.
std::optional<Reason> reason_against(const Signature& signature, std::string_view file,
                                     std::size_t keys, const Weights& weights) {
    const std::string who = key_and_owner(signature);
    switch (signature.status) {
    case SignatureStatus::Good:
        return objection(signature, weights);
    case SignatureStatus::Pending:
        if (weights.foreseen) {
            return objection(signature, weights);
        }
        break; // the engine never saw what it signs
    case SignatureStatus::Bad:
        return bad(signature, file);
    case SignatureStatus::UnknownKey:
        return unknown_key(signature, keys);
    case SignatureStatus::ExpiredKey:
        return expired(signature, weights);
    case SignatureStatus::RevokedKey:
        return Reason{VerdictWord::RevokedKey, fmt::format("key {} was revoked", who)};
    case SignatureStatus::ExpiredSignature:
        return Reason{
            VerdictWord::ExpiredSignature,
            fmt::format("signature by {} expired on {}", who, date(signature.signature_expires))};
    case SignatureStatus::WeakDigest:
        return weak(signature);
    case SignatureStatus::Unsupported:
        return Reason{
            VerdictWord::UnsupportedSignature,
            fmt::format("kind of signature not supported: {}: {}", file, signature.detail)};
    case SignatureStatus::Broken:
        if (lies_in_future(signature, weights)) {
            return future(signature); // its key does, too, which the engine calls a bad key
        }
        break;
    }
    return Reason{VerdictWord::BadSignature,
                  fmt::format("bad signature: {} by {}: {}", file, who, signature.detail)};
}

// What an accepted key says against the statement, which no good signature beside it outweighs.
bool is_veto(const Signature& signature) {
    return !signature.primary.empty() && (signature.status == SignatureStatus::Bad ||
                                          signature.status == SignatureStatus::RevokedKey);
}

} // namespace

std::string key_and_owner(const Signature& signature) {
    const std::string& key = signature.primary.empty() ? signature.fingerprint : signature.primary;
    return signature.owner.empty() ? key : fmt::format("{} ({})", key, signature.owner);
}

Acceptance accept_signatures(const SignatureReport& report, std::string_view file,
                             const Weights& weights) {
    Acceptance result;
    result.reason = fmt::format("bad signature: {} is not a signature", file);
    int telling = -1;
    for (const Signature& signature : report.signatures) {
        const std::string objection = weights.scope.objection(signature);
        std::optional<Reason> reason = objection.empty()
                                           ? reason_against(signature, file, report.keys, weights)
                                           : not_here(signature, objection);
        if (!reason) {
            result.accepted = result.accepted.value_or(signature);
            continue;
        }
        result.final = result.final || (objection.empty() && is_veto(signature));
        if (rank(reason->word) > telling) {
            telling = rank(reason->word);
            result.word = reason->word;
            result.reason = std::move(reason->text);
        }
    }
    if (result.final) {
        result.accepted.reset();
    }
    return result;
}

} // namespace slipway::verify
