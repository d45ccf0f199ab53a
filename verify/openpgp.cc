// GPGME's answers as values. What it calls success means little: it passes SHA-1, signatures from
// the future, and, when gpg dies at once, no signature at all. So only a status of 0 counts as
// good, and everything else that the judgement needs is told along with it.

#include "verify/openpgp.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include <gpgme.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "base/quoted.hh"

namespace slipway::verify {
namespace {

using Context = Handle<gpgme_context, gpgme_release>;
using Data = Handle<gpgme_data, gpgme_data_release>;
using Key = Handle<_gpgme_key, gpgme_key_unref>;

constexpr unsigned kMinRsaBits = 2048;
constexpr std::size_t kMaxOwnerBytes = 200;

void check(gpgme_error_t error, std::string_view doing) {
    if (error != GPG_ERR_NO_ERROR) {
        throw Error(Kind::Unsupported, "cannot {}: {}", doing, gpgme_strerror(error));
    }
}

Data view_of(std::string_view bytes) {
    gpgme_data_t data = nullptr;
    check(gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0), "pass data to GPGME");
    return Data(data);
}

std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

struct StatusRow {
    gpg_err_code_t code;
    SignatureStatus status;
};
constexpr std::array kStatuses{
    StatusRow{GPG_ERR_NO_ERROR, SignatureStatus::Good},
    StatusRow{GPG_ERR_BAD_SIGNATURE, SignatureStatus::Bad},
    StatusRow{GPG_ERR_NO_PUBKEY, SignatureStatus::UnknownKey},
    StatusRow{GPG_ERR_KEY_EXPIRED, SignatureStatus::ExpiredKey},
    StatusRow{GPG_ERR_CERT_REVOKED, SignatureStatus::RevokedKey},
    StatusRow{GPG_ERR_SIG_EXPIRED, SignatureStatus::ExpiredSignature},
    StatusRow{GPG_ERR_DIGEST_ALGO, SignatureStatus::WeakDigest},
    StatusRow{GPG_ERR_PUBKEY_ALGO, SignatureStatus::Unsupported},
    StatusRow{GPG_ERR_UNSUPPORTED_ALGORITHM, SignatureStatus::Unsupported},
    StatusRow{GPG_ERR_UNKNOWN_VERSION, SignatureStatus::Unsupported},
};

SignatureStatus status_of(const _gpgme_signature& found) {
    const gpg_err_code_t code = gpgme_err_code(found.status);
    const auto* row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                   [code](const StatusRow& r) { return r.code == code; });
    if (row == kStatuses.end() || (code == GPG_ERR_NO_ERROR && found.wrong_key_usage != 0)) {
        return SignatureStatus::Broken;
    }
    // A hash without a name is not a weak one: the engine does not know it.
    const bool nameless = gpgme_hash_algo_name(found.hash_algo) == nullptr;
    return code == GPG_ERR_DIGEST_ALGO && nameless ? SignatureStatus::Unsupported : row->status;
}

// Only what is known to be strong is not weak. The engine names no hash for a bad signature.
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

// Times of GPGME are long or unsigned long; 0 is "never" or "unknown".
template <typename Number>
std::int64_t seconds(Number time) noexcept {
    return time < 0 ? 0 : static_cast<std::int64_t>(time);
}

const _gpgme_subkey* find_signing_key(const _gpgme_key& key, std::string_view fingerprint) {
    for (const _gpgme_subkey* subkey = key.subkeys; subkey != nullptr; subkey = subkey->next) {
        // A bad signature is reported with the key id alone, the end of the fingerprint.
        if (text_or_empty(subkey->fpr).ends_with(fingerprint)) {
            return subkey;
        }
    }
    return nullptr;
}

// The earlier of two ends, 0 being none.
std::int64_t earlier(std::int64_t a, std::int64_t b) noexcept {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

// What our copy of the certificate says of the key that signed.
void describe_key(gpgme_context* context, Signature& signature) {
    gpgme_key_t found = nullptr;
    if (signature.fingerprint.empty() ||
        gpgme_get_key(context, signature.fingerprint.c_str(), &found, 0) != GPG_ERR_NO_ERROR) {
        return;
    }
    const Key key(found);
    const _gpgme_subkey* signing = find_signing_key(*key, signature.fingerprint);
    const _gpgme_subkey* primary = key->subkeys;
    if (signing == nullptr || primary == nullptr) {
        return;
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
}

Signature describe(const _gpgme_signature& found) {
    Signature signature;
    signature.status = status_of(found);
    signature.fingerprint = text_or_empty(found.fpr);
    signature.hash = text_or_empty(gpgme_hash_algo_name(found.hash_algo));
    signature.weak_hash = is_weak(found.hash_algo) && (found.hash_algo != GPGME_MD_NONE ||
                                                       signature.status == SignatureStatus::Good);
    signature.created = seconds(found.timestamp);
    signature.signature_expires = seconds(found.exp_timestamp);
    signature.detail = found.wrong_key_usage != 0 ? "the key is not for signing"
                                                  : text_or_empty(gpgme_strerror(found.status));
    return signature;
}

} // namespace

struct OpenPgp::State {
    Context context;
};

OpenPgp::Versions OpenPgp::versions() {
    Versions versions{text_or_empty(gpgme_check_version(nullptr)), {}};
    gpgme_engine_info_t info = nullptr;
    if (gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP) == GPG_ERR_NO_ERROR &&
        gpgme_get_engine_info(&info) == GPG_ERR_NO_ERROR) {
        for (; info != nullptr; info = info->next) {
            if (info->protocol == GPGME_PROTOCOL_OpenPGP) {
                versions.engine = text_or_empty(info->version);
            }
        }
    }
    return versions;
}

OpenPgp::OpenPgp(const std::filesystem::path& home) : state_(std::make_unique<State>()) {
    if (versions().engine.empty()) {
        throw Error(Kind::Unsupported, "there is no OpenPGP engine; install the package 'gpg'");
    }
    gpgme_ctx_t context = nullptr;
    check(gpgme_new(&context), "make a context of GPGME");
    state_->context.reset(context);
    check(gpgme_ctx_set_engine_info(context, GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()),
          "set the engine's home");
    gpgme_set_offline(context, 1);
}

OpenPgp::~OpenPgp() = default;

namespace {

// After an operation: what it has found, or nothing at all when the operation itself failed.
std::vector<Signature> take_signatures(gpgme_context* context, gpgme_error_t error) {
    std::vector<Signature> signatures;
    const gpgme_verify_result_t result = gpgme_op_verify_result(context);
    if (gpgme_err_code(error) == GPG_ERR_NO_DATA || result == nullptr) {
        return signatures;
    }
    for (const _gpgme_signature* at = result->signatures; at != nullptr; at = at->next) {
        signatures.push_back(describe(*at));
        if (error != GPG_ERR_NO_ERROR) { // part of the input was not read: nothing of it is good
            signatures.back().status = SignatureStatus::Broken;
            signatures.back().detail = gpgme_strerror(error);
        }
    }
    for (Signature& signature : signatures) { // only now: this ends the result's life
        describe_key(context, signature);
    }
    return signatures;
}

} // namespace

EngineFindings OpenPgp::verify_detached(std::string_view statement, std::string_view signature) {
    const Data signed_data = view_of(statement);
    const Data signature_data = view_of(signature);
    const gpgme_error_t error =
        gpgme_op_verify(state_->context.get(), signature_data.get(), signed_data.get(), nullptr);
    return {take_signatures(state_->context.get(), error), {}};
}

EngineFindings OpenPgp::verify_clearsigned(std::string_view block) {
    const Data data = view_of(block);
    gpgme_data_t out = nullptr;
    check(gpgme_data_new(&out), "take data from GPGME");
    Data text(out);
    const gpgme_error_t error =
        gpgme_op_verify(state_->context.get(), data.get(), nullptr, text.get());
    EngineFindings findings{take_signatures(state_->context.get(), error), {}};
    std::size_t size = 0;
    char* memory = gpgme_data_release_and_get_mem(text.release(), &size);
    if (memory != nullptr) {
        findings.text.assign(memory, size);
        gpgme_free(memory);
    }
    return findings;
}

bool OpenPgp::can_list_keys() {
    gpgme_key_t found = nullptr;
    const bool listed =
        gpgme_op_keylist_start(state_->context.get(), nullptr, 0) == GPG_ERR_NO_ERROR &&
        gpgme_op_keylist_next(state_->context.get(), &found) == GPG_ERR_NO_ERROR;
    const Key key(found);
    return listed;
}

} // namespace slipway::verify
