// GPGME's answers as values. What it calls success means little: it passes SHA-1, signatures from
// the future, and, when gpg dies at once, no signature at all. So only a status of 0 counts as
// good, and everything else that the judgement needs is told along with it.

#include "check/openpgp.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <exception>
#include <utility>

#include "base/quoted.hh"
#include "check/gpgme_values.hh"

namespace slipway::check {
namespace {

GpgmeData view_of(std::string_view bytes) {
    gpgme_data_t data = nullptr;
    check_gpgme(gpgme_data_new_from_mem(&data, bytes.data(), bytes.size(), 0),
                "pass data to GPGME");
    return GpgmeData(data);
}

// A statement on its way into the engine. GPGME's callback runs on the thread that verifies.
class Feed {
public:
    explicit Feed(stream::Source& source) : source_(source) {}

    GpgmeData data() {
        gpgme_data_t data = nullptr;
        check_gpgme(gpgme_data_new_from_cbs(&data, &callbacks_, this), "pass data to GPGME");
        // By default it copies 512 bytes at a time, which is what then takes most of the time. A
        // library that does not know the word does without.
        static_cast<void>(gpgme_data_set_flag(data, "io-buffer-size", "262144"));
        return GpgmeData(data);
    }
    // After the operation. Throws what the source has thrown.
    bool reached_end() const {
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        return ended_;
    }

private:
    static ssize_t read(void* self, void* buffer, std::size_t size) noexcept {
        auto& feed = *static_cast<Feed*>(self);
        try {
            return static_cast<ssize_t>(feed.take(static_cast<std::byte*>(buffer), size));
        } catch (...) {
            feed.failure_ = std::current_exception();
            errno = EIO;
            return -1;
        }
    }
    std::size_t take(std::byte* into, std::size_t size) {
        if (rest_.empty() && !ended_) {
            rest_ = source_.next();
            ended_ = rest_.empty();
        }
        const Bytes taken = rest_.first(std::min(size, rest_.size()));
        std::copy(taken.begin(), taken.end(), into);
        rest_ = rest_.subspan(taken.size());
        return taken.size();
    }

    stream::Source& source_;
    Bytes rest_;
    bool ended_ = false;
    std::exception_ptr failure_;
    gpgme_data_cbs callbacks_{read, nullptr, nullptr, nullptr};
};

struct StatusRow {
    gpg_err_code_t code;
    verify::SignatureStatus status;
};
constexpr std::array kStatuses{
    StatusRow{GPG_ERR_NO_ERROR, verify::SignatureStatus::Good},
    StatusRow{GPG_ERR_BAD_SIGNATURE, verify::SignatureStatus::Bad},
    StatusRow{GPG_ERR_NO_PUBKEY, verify::SignatureStatus::UnknownKey},
    StatusRow{GPG_ERR_KEY_EXPIRED, verify::SignatureStatus::ExpiredKey},
    StatusRow{GPG_ERR_CERT_REVOKED, verify::SignatureStatus::RevokedKey},
    StatusRow{GPG_ERR_SIG_EXPIRED, verify::SignatureStatus::ExpiredSignature},
    StatusRow{GPG_ERR_DIGEST_ALGO, verify::SignatureStatus::WeakDigest},
    StatusRow{GPG_ERR_PUBKEY_ALGO, verify::SignatureStatus::Unsupported},
    StatusRow{GPG_ERR_UNSUPPORTED_ALGORITHM, verify::SignatureStatus::Unsupported},
    StatusRow{GPG_ERR_UNKNOWN_VERSION, verify::SignatureStatus::Unsupported},
};

verify::SignatureStatus status_of(const _gpgme_signature& found) {
    const gpg_err_code_t code = gpgme_err_code(found.status);
    const auto* row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                   [code](const StatusRow& r) { return r.code == code; });
    if (row == kStatuses.end() || (code == GPG_ERR_NO_ERROR && found.wrong_key_usage != 0)) {
        return verify::SignatureStatus::Broken;
    }
    // A hash without a name is not a weak one: the engine does not know it.
    const bool nameless = gpgme_hash_algo_name(found.hash_algo) == nullptr;
    return code == GPG_ERR_DIGEST_ALGO && nameless ? verify::SignatureStatus::Unsupported
                                                   : row->status;
}

verify::Signature describe(const _gpgme_signature& found) {
    verify::Signature signature;
    signature.status = status_of(found);
    signature.fingerprint = text_or_empty(found.fpr);
    signature.hash = text_or_empty(gpgme_hash_algo_name(found.hash_algo));
    signature.weak_hash =
        is_weak(found.hash_algo) &&
        (found.hash_algo != GPGME_MD_NONE || signature.status == verify::SignatureStatus::Good);
    signature.created = seconds(found.timestamp);
    signature.signature_expires = seconds(found.exp_timestamp);
    signature.detail = found.wrong_key_usage != 0 ? "the key is not for signing"
                                                  : text_or_empty(gpgme_strerror(found.status));
    return signature;
}

} // namespace

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
    check_gpgme(gpgme_new(&context), "make a context of GPGME");
    state_->context.reset(context);
    check_gpgme(gpgme_ctx_set_engine_info(context, GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()),
                "set the engine's home");
    gpgme_set_offline(context, 1);
}

OpenPgp::~OpenPgp() = default;

namespace {

// After an operation: what it has found, or nothing at all when the operation itself failed.
std::vector<verify::Signature> take_signatures(gpgme_context* context, gpgme_error_t error) {
    std::vector<verify::Signature> signatures;
    const gpgme_verify_result_t result = gpgme_op_verify_result(context);
    if (gpgme_err_code(error) == GPG_ERR_NO_DATA || result == nullptr) {
        return signatures;
    }
    for (const _gpgme_signature* at = result->signatures; at != nullptr; at = at->next) {
        signatures.push_back(describe(*at));
        if (error != GPG_ERR_NO_ERROR) { // part of the input was not read: nothing of it is good
            signatures.back().status = verify::SignatureStatus::Broken;
            signatures.back().detail = gpgme_strerror(error);
        }
    }
    for (verify::Signature& signature : signatures) { // only now: this ends the result's life
        describe_key(context, signature);
    }
    return signatures;
}

} // namespace

EngineFindings OpenPgp::verify_detached(stream::Source& statement, std::string_view signature) {
    Feed feed(statement);
    const GpgmeData signed_data = feed.data();
    const GpgmeData signature_data = view_of(signature);
    const gpgme_error_t error =
        gpgme_op_verify(state_->context.get(), signature_data.get(), signed_data.get(), nullptr);
    const bool complete = feed.reached_end();
    return {take_signatures(state_->context.get(), error), {}, complete};
}

EngineFindings OpenPgp::verify_clearsigned(std::string_view block) {
    const GpgmeData data = view_of(block);
    gpgme_data_t out = nullptr;
    check_gpgme(gpgme_data_new(&out), "take data from GPGME");
    GpgmeData text(out);
    const gpgme_error_t error =
        gpgme_op_verify(state_->context.get(), data.get(), nullptr, text.get());
    EngineFindings findings{take_signatures(state_->context.get(), error), {}, true};
    std::size_t size = 0;
    char* memory = gpgme_data_release_and_get_mem(text.release(), &size);
    if (memory != nullptr) {
        findings.text.assign(memory, size);
        gpgme_free(memory);
    }
    return findings;
}

} // namespace slipway::check
