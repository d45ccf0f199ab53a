// GPGME's types as values. Only verify/openpgp*.cc include this: they are the one door to GPGME.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <gpgme.h>

#include "base/error.hh"
#include "base/handle.hh"
#include "check/openpgp.hh"

namespace slipway::check {

using GpgmeContext = Handle<gpgme_context, gpgme_release>;
using GpgmeData = Handle<gpgme_data, gpgme_data_release>;
using GpgmeKey = Handle<_gpgme_key, gpgme_key_unref>;

struct OpenPgp::State {
    GpgmeContext context;
};

inline constexpr std::size_t kMaxOwnerBytes = 200;

/// @throws Error Unsupported: "cannot DOING: …"
inline void check_gpgme(gpgme_error_t error, std::string_view doing) {
    if (error != GPG_ERR_NO_ERROR) {
        throw Error(Kind::Unsupported, "cannot {}: {}", doing, gpgme_strerror(error));
    }
}

inline std::string text_or_empty(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

/// Times of GPGME are long or unsigned long; 0 is "never" or "unknown".
template <typename Number>
std::int64_t seconds(Number time) noexcept {
    return time < 0 ? 0 : static_cast<std::int64_t>(time);
}

/// The earlier of two ends, 0 being none.
inline std::int64_t earlier(std::int64_t a, std::int64_t b) noexcept {
    return a == 0 || b == 0 ? std::max(a, b) : std::min(a, b);
}

/// Only what is known to be strong is not weak.
bool is_weak(gpgme_hash_algo_t hash) noexcept;
bool is_weak(const _gpgme_subkey& key) noexcept;

/// Fills in what our copy of the certificate says of the key that signed, when there is one.
/// Returns that certificate.
GpgmeKey describe_key(gpgme_context* context, verify::Signature& signature);
/// The key of a certificate with this fingerprint or key id; nothing when it has none.
const _gpgme_subkey* find_subkey(const _gpgme_key& key, std::string_view fingerprint);

} // namespace slipway::check
