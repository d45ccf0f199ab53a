// What the engine says of keys: it alone judges self-signatures, bindings and revocations.

#include "base/quoted.hh"
#include "check/gpgme_values.hh"
#include "check/openpgp_packets.hh"

namespace slipway::check {
namespace {

constexpr unsigned kMinRsaBits = 2048;
// A key shows this many of its names.
constexpr std::size_t kMaxOwners = 8;

// "RSA 4096", "Ed25519".
std::string algorithm_of(const _gpgme_subkey& key) {
    const std::string name = text_or_empty(gpgme_pubkey_algo_name(key.pubkey_algo));
    const std::string curve = text_or_empty(key.curve);
    if (curve == "ed25519" || curve == "ed448") {
        return "Ed" + curve.substr(2);
    }
    return fmt::format("{} {}", name, curve.empty() ? std::to_string(key.length) : curve);
}

// Until when a certificate can sign; 0: without end. In the past when it cannot at all.
std::int64_t signs_until(const _gpgme_key& key) {
    std::int64_t latest = std::max<std::int64_t>(1, seconds(key.subkeys->timestamp));
    for (const _gpgme_subkey* subkey = key.subkeys; subkey != nullptr; subkey = subkey->next) {
        if (subkey->can_sign == 0 || subkey->revoked != 0 || subkey->invalid != 0) {
            continue;
        }
        const std::int64_t end = earlier(seconds(subkey->expires), seconds(key.subkeys->expires));
        if (end == 0) {
            return 0;
        }
        latest = std::max(latest, end);
    }
    return latest;
}

verify::ListedKey listed(const _gpgme_key& key) {
    const _gpgme_subkey& primary = *key.subkeys;
    verify::ListedKey result;
    result.kind = "OpenPGP";
    result.fingerprint = text_or_empty(primary.fpr);
    for (const _gpgme_user_id* name = key.uids; name != nullptr; name = name->next) {
        if (name->revoked == 0 && result.owners.size() < kMaxOwners) {
            result.owners.push_back(escaped(text_or_empty(name->uid), kMaxOwnerBytes));
        }
    }
    result.algorithm = algorithm_of(primary);
    result.created = seconds(primary.timestamp);
    result.expires = seconds(primary.expires);
    result.signs_until = signs_until(key);
    result.revoked = key.revoked != 0;
    result.weak = is_weak(primary);
    return result;
}

// What speaks against a signature before its statement is here.
verify::SignatureStatus foreseen_status(const verify::Signature& signature, const _gpgme_key& key,
                                        const _gpgme_subkey& signing, std::int64_t now) {
    if (signing.invalid != 0 || key.invalid != 0) {
        return verify::SignatureStatus::UnknownKey; // nothing binds it
    }
    if (key.revoked != 0 || signing.revoked != 0) {
        return verify::SignatureStatus::RevokedKey;
    }
    if (key.expired != 0 || signing.expired != 0) {
        return verify::SignatureStatus::ExpiredKey;
    }
    if (signature.weak_hash || signature.weak_key) {
        return verify::SignatureStatus::WeakDigest;
    }
    if (signature.signature_expires != 0 && signature.signature_expires <= now) {
        return verify::SignatureStatus::ExpiredSignature;
    }
    return signing.can_sign != 0 ? verify::SignatureStatus::Pending
                                 : verify::SignatureStatus::Broken;
}

} // namespace

bool is_weak(gpgme_hash_algo_t hash) noexcept {
    switch (hash) {
    case GPGME_MD_SHA224:
    case GPGME_MD_SHA256:
    case GPGME_MD_SHA384:
    case GPGME_MD_SHA512:
        return false;
    default:
        return true;
    }
}

bool is_weak(const _gpgme_subkey& key) noexcept {
    switch (key.pubkey_algo) {
    case GPGME_PK_RSA:
    case GPGME_PK_RSA_E:
    case GPGME_PK_RSA_S:
    case GPGME_PK_DSA:
        return key.length < kMinRsaBits;
    default:
        return false;
    }
}

const _gpgme_subkey* find_subkey(const _gpgme_key& key, std::string_view fingerprint) {
    for (const _gpgme_subkey* subkey = key.subkeys; subkey != nullptr; subkey = subkey->next) {
        // A bad signature is reported with the key id alone, the end of the fingerprint.
        if (text_or_empty(subkey->fpr).ends_with(fingerprint)) {
            return subkey;
        }
    }
    return nullptr;
}

GpgmeKey describe_key(gpgme_context* context, verify::Signature& signature) {
    gpgme_key_t found = nullptr;
    if (signature.fingerprint.empty() ||
        gpgme_get_key(context, signature.fingerprint.c_str(), &found, 0) != GPG_ERR_NO_ERROR) {
        return nullptr;
    }
    GpgmeKey key(found);
    const _gpgme_subkey* signing = find_subkey(*key, signature.fingerprint);
    const _gpgme_subkey* primary = key->subkeys;
    if (signing == nullptr || primary == nullptr) {
        return nullptr;
    }
    signature.fingerprint = text_or_empty(signing->fpr);
    signature.primary = text_or_empty(primary->fpr);
    if (key->uids != nullptr) {
        signature.owner = escaped(text_or_empty(key->uids->uid), kMaxOwnerBytes);
    }
    signature.key_kind = text_or_empty(gpgme_pubkey_algo_name(signing->pubkey_algo));
    signature.key_bits = signing->length;
    signature.weak_key = is_weak(*signing) || is_weak(*primary);
    signature.key_expires = earlier(seconds(signing->expires), seconds(primary->expires));
    return key;
}

verify::Signature OpenPgp::foresee(const ClaimedSigner& signer, std::int64_t now) {
    const auto hash = static_cast<gpgme_hash_algo_t>(signer.hash);
    verify::Signature signature;
    signature.fingerprint = signer.fingerprint.empty() ? signer.key_id : signer.fingerprint;
    signature.hash = text_or_empty(gpgme_hash_algo_name(hash));
    signature.created = signer.created;
    signature.signature_expires = signer.expires;
    if (signer.version != 3 && signer.version != 4) {
        signature.status = verify::SignatureStatus::Unsupported;
        signature.detail = fmt::format("OpenPGP's version {}", signer.version);
        return signature;
    }
    if (signature.hash.empty()) {
        signature.status = verify::SignatureStatus::Unsupported;
        signature.detail = fmt::format("a hash that the engine does not know ({})", signer.hash);
        return signature;
    }
    signature.weak_hash = is_weak(hash);
    signature.status = verify::SignatureStatus::UnknownKey;
    signature.detail = "no key ring holds its key";
    const GpgmeKey key = describe_key(state_->context.get(), signature);
    if (key != nullptr) {
        const _gpgme_subkey* signing = find_subkey(*key, signature.fingerprint);
        signature.status = foreseen_status(signature, *key, *signing, now);
        signature.detail =
            signing->can_sign != 0 ? "its key is held" : "the key is not for signing";
    }
    if (signature.status == verify::SignatureStatus::UnknownKey) {
        signature.primary.clear(); // of a key that nothing binds nobody is the owner
        signature.owner.clear();
    }
    return signature;
}

std::vector<verify::ListedKey> OpenPgp::list_keys() {
    gpgme_context* context = state_->context.get();
    check_gpgme(gpgme_op_keylist_start(context, nullptr, 0), "list keys");
    std::vector<verify::ListedKey> keys;
    for (;;) {
        gpgme_key_t found = nullptr;
        const gpgme_error_t error = gpgme_op_keylist_next(context, &found);
        if (gpgme_err_code(error) == GPG_ERR_EOF) {
            return keys;
        }
        check_gpgme(error, "list keys");
        const GpgmeKey key(found);
        if (key->subkeys != nullptr) {
            keys.push_back(listed(*key));
        }
    }
}

bool OpenPgp::can_list_keys() {
    gpgme_key_t found = nullptr;
    const bool listed =
        gpgme_op_keylist_start(state_->context.get(), nullptr, 0) == GPG_ERR_NO_ERROR &&
        gpgme_op_keylist_next(state_->context.get(), &found) == GPG_ERR_NO_ERROR;
    const GpgmeKey key(found);
    return listed;
}

} // namespace slipway::check
