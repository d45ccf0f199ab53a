// Several keys may carry one number: each is tried, and a signature is bad when none fits.

#include "check/minisign_check.hh"

#include <algorithm>
#include <string>
#include <utility>

#include "base/quoted.hh"
#include "check/ed25519.hh"
#include "stream/digest.hh"
#include "stream/fd_stream.hh"

namespace slipway::check {
namespace {

constexpr std::size_t kMaxCommentBytes = 200;

using Covers = MinisignSignature::Covers;
using Keys = std::vector<HeldMinisignKey>;

// The keys that a signature could be by.
std::vector<const HeldMinisignKey*> with_number(const Keys& keys, std::string_view number) {
    std::vector<const HeldMinisignKey*> found;
    for (const HeldMinisignKey& held : keys) {
        if (held.key.number == number) {
            found.push_back(&held);
        }
    }
    return found;
}

// As far as the trusted comment tells, which only signify lacks.
bool may_have_signed(const MinisignSignature& signature, const MinisignKey& key) {
    return signature.problem.empty() &&
           (!signature.has_trusted_comment ||
            ed25519_holds(key.key, signature.signature + signature.trusted_comment,
                          signature.comment_signature));
}

void name_key(verify::Signature& into, const HeldMinisignKey& held) {
    into.primary = held.key.number;
    into.owner = escaped(held.key.comment, kMaxCommentBytes);
    into.rings.insert(into.rings.end(), held.files.begin(), held.files.end());
}

verify::Signature describe(const MinisignSignature& signature) {
    verify::Signature result;
    result.kind = signature.has_trusted_comment ? "minisign" : "signify";
    result.fingerprint = signature.number;
    result.key_kind = "Ed25519";
    result.key_bits = 256;
    result.hash = signature.covers == Covers::Digest ? "BLAKE2b" : "";
    result.created = minisign_time(signature.trusted_comment);
    result.comment = escaped(signature.trusted_comment, kMaxCommentBytes);
    return result;
}

// The verdict over the message that was signed: the statement or its digest.
verify::Signature judge(const MinisignSignature& signature, const Keys& keys,
                        std::string_view message, verify::Signature foreseen) {
    for (const HeldMinisignKey* held : with_number(keys, signature.number)) {
        if (may_have_signed(signature, held->key) &&
            ed25519_holds(held->key.key, message, signature.signature)) {
            foreseen.status = verify::SignatureStatus::Good;
            foreseen.detail = "it fits";
            foreseen.rings.clear();
            name_key(foreseen, *held);
            return foreseen;
        }
    }
    foreseen.status = verify::SignatureStatus::Bad;
    foreseen.detail = "it does not fit";
    return foreseen;
}

std::string from_hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes.push_back(
            static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16)));
    }
    return bytes;
}

// What `ED` signs.
std::string blake2b_of(stream::Source& statement) {
    stream::Digest digest(stream::Algorithm::Blake2b);
    for (Bytes piece = statement.next(); !piece.empty(); piece = statement.next()) {
        digest.update(piece);
    }
    return from_hex(digest.finish());
}

// What can be said without the statement.
verify::Signature without_statement(const MinisignSignature& signature, const Keys& keys) {
    verify::Signature result = describe(signature);
    if (signature.covers == Covers::Unknown) {
        result.status = verify::SignatureStatus::Unsupported;
        result.detail = "an algorithm of minisign that is not known here";
        return result;
    }
    const std::vector<const HeldMinisignKey*> held = with_number(keys, signature.number);
    const bool any_holds = std::any_of(held.begin(), held.end(), [&](const auto* key) {
        return may_have_signed(signature, key->key);
    });
    for (const HeldMinisignKey* key : held) {
        if (!any_holds || may_have_signed(signature, key->key)) {
            name_key(result, *key);
        }
    }
    if (held.empty()) {
        result.status = verify::SignatureStatus::UnknownKey;
        result.detail = "no key file holds this key";
    } else if (any_holds) {
        result.status = verify::SignatureStatus::Pending;
        result.detail = "its key is held";
    } else {
        result.status = verify::SignatureStatus::Bad;
        result.detail =
            signature.problem.empty() ? "its trusted comment was altered" : signature.problem;
    }
    return result;
}

} // namespace

verify::Signature foresee_minisign(const MinisignSignature& signature, const Keys& keys) {
    verify::Signature result = without_statement(signature, keys);
    if (result.status == verify::SignatureStatus::Pending &&
        signature.covers == Covers::Statement) {
        result.status = verify::SignatureStatus::Unsupported;
        result.detail = "a legacy signature of minisign or one of signify over an image, which "
                        "covers the bytes themselves and cannot be checked while they stream by";
    }
    return result;
}

verify::Signature check_minisign(const MinisignSignature& signature, const Keys& keys,
                                 std::string_view statement) {
    verify::Signature foreseen = without_statement(signature, keys);
    if (foreseen.status != verify::SignatureStatus::Pending) {
        return foreseen;
    }
    if (signature.covers == Covers::Statement) {
        return judge(signature, keys, statement, std::move(foreseen));
    }
    stream::MemorySource source(std::as_bytes(std::span(statement)));
    return judge(signature, keys, blake2b_of(source), std::move(foreseen));
}

verify::Signature check_minisign(const MinisignSignature& signature, const Keys& keys,
                                 stream::Source& statement) {
    verify::Signature foreseen = foresee_minisign(signature, keys);
    if (foreseen.status != verify::SignatureStatus::Pending) {
        return foreseen;
    }
    return judge(signature, keys, blake2b_of(statement), std::move(foreseen));
}

} // namespace slipway::check
