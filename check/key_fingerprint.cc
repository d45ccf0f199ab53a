// SHA-1 is what such a fingerprint is made of. Ours only finds keys that the engine has named.

#include "check/key_fingerprint.hh"

#include <array>
#include <cstddef>

#include <openssl/evp.h>

#include "base/error.hh"

namespace slipway::check {

std::string key_fingerprint(std::string_view body) {
    std::string hashed{'\x99', static_cast<char>(body.size() >> 8), static_cast<char>(body.size())};
    hashed += body;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    std::size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA1", nullptr, hashed.data(), hashed.size(), digest.data(),
                     &size) != 1) {
        throw Error(Kind::Unsupported, "this OpenSSL cannot compute SHA-1");
    }
    std::string digits;
    for (std::size_t i = 0; i < size; ++i) {
        digits += fmt::format("{:02X}", digest.at(i));
    }
    return digits;
}

} // namespace slipway::check
