// Digests through OpenSSL's EVP interface. Every result is checked: a fetch that failed unnoticed
// once gave garbage that looked like a digest.

#include "stream/digest.hh"

#include <array>
#include <cassert>
#include <utility>

#include <openssl/evp.h>

#include "base/error.hh"
#include "base/handle.hh"

namespace slipway::stream {
namespace {

using Method = Handle<EVP_MD, EVP_MD_free>;
using Context = Handle<EVP_MD_CTX, EVP_MD_CTX_free>;

constexpr std::array kAlgorithms = {Algorithm::Sha256, Algorithm::Sha384, Algorithm::Sha512,
                                    Algorithm::Blake2b};

const char* openssl_name(Algorithm algorithm) noexcept {
    switch (algorithm) {
    case Algorithm::Sha256:
        return "SHA2-256";
    case Algorithm::Sha384:
        return "SHA2-384";
    case Algorithm::Sha512:
        return "SHA2-512";
    case Algorithm::Blake2b:
        return "BLAKE2B-512";
    }
    return "";
}

// Fetched once; an algorithm that this OpenSSL does not offer stays empty.
const std::array<Method, kAlgorithms.size()>& methods() {
    static const auto loaded = [] {
        std::array<Method, kAlgorithms.size()> all;
        for (const Algorithm algorithm : kAlgorithms) {
            all[static_cast<std::size_t>(algorithm)].reset(
                EVP_MD_fetch(nullptr, openssl_name(algorithm), nullptr));
        }
        return all;
    }();
    return loaded;
}

[[noreturn]] void throw_failure(Algorithm algorithm) {
    throw Error(Kind::Internal, "OpenSSL failed to compute a {} digest", display_name(algorithm));
}

} // namespace

void load_digests() {
    static_cast<void>(methods());
}

struct Digest::State {
    Algorithm algorithm;
    Context context;
};

Digest::Digest(Algorithm algorithm)
    : state_(std::make_unique<State>(State{algorithm, Context(EVP_MD_CTX_new())})) {
    const EVP_MD* method = methods()[static_cast<std::size_t>(algorithm)].get();
    if (method == nullptr) {
        throw Error(Kind::Unsupported, "this OpenSSL offers no {} digest", display_name(algorithm));
    }
    if (!state_->context || EVP_DigestInit_ex2(state_->context.get(), method, nullptr) != 1) {
        throw_failure(algorithm);
    }
}

Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

Algorithm Digest::algorithm() const noexcept {
    return state_->algorithm;
}

void Digest::update(Bytes data) {
    if (EVP_DigestUpdate(state_->context.get(), data.data(), data.size()) != 1) {
        throw_failure(state_->algorithm);
    }
}

std::string Digest::finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw;
    unsigned size = 0;
    if (EVP_DigestFinal_ex(state_->context.get(), raw.data(), &size) != 1 ||
        size * 2 != hex_length(state_->algorithm)) {
        throw_failure(state_->algorithm);
    }
    std::string hex;
    for (const unsigned char byte : std::span(raw).first(size)) {
        fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
    }
    return hex;
}

DigestSink::DigestSink(Sink& next, std::span<const Algorithm> algorithms) : next_(&next) {
    for (const Algorithm algorithm : algorithms) {
        running_.emplace_back(algorithm);
    }
}

std::span<std::byte> DigestSink::room() {
    room_ = next_->room();
    return room_;
}

void DigestSink::advance(std::size_t size) {
    assert(size <= room_.size());
    const Bytes content = room_.first(size);
    for (Digest& digest : running_) {
        digest.update(content);
    }
    room_ = room_.subspan(size);
    next_->advance(size);
    size_bytes_.fetch_add(size, std::memory_order_relaxed);
}

// The next sink may take it without a copy.
void DigestSink::write(Bytes data) {
    for (Digest& digest : running_) {
        digest.update(data);
    }
    next_->write(data);
    size_bytes_.fetch_add(data.size(), std::memory_order_relaxed);
}

void DigestSink::finish() {
    next_->finish();
    for (Digest& digest : running_) {
        digests_[digest.algorithm()] = digest.finish();
    }
}

} // namespace slipway::stream
