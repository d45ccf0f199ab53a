// OpenSSL takes the message as a whole: there is no Ed25519 over bytes that stream by.

#include "check/ed25519.hh"

#include <openssl/evp.h>

#include "base/error.hh"
#include "base/handle.hh"

namespace slipway::check {
namespace {

using Key = Handle<EVP_PKEY, EVP_PKEY_free>;
using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

const unsigned char* bytes_of(std::string_view text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

bool ed25519_holds(std::string_view key, std::string_view message, std::string_view signature) {
    const Key loaded(
        EVP_PKEY_new_raw_public_key_ex(nullptr, "ED25519", nullptr, bytes_of(key), key.size()));
    const Context context(EVP_MD_CTX_new());
    if (!loaded || !context ||
        EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, loaded.get(),
                                nullptr) != 1) {
        throw Error(Kind::Unsupported, "this OpenSSL cannot check Ed25519 signatures");
    }
    return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message),
                            message.size()) == 1;
}

} // namespace slipway::check
