// Message digests over a stream: SHA-256, SHA-384, SHA-512, BLAKE2b-512 (OpenSSL's EVP interface).

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "stream/sink.hh"

namespace slipway::stream {

enum class Algorithm { Sha256, Sha384, Sha512, Blake2b };

/// "sha256", "sha384", "sha512", "blake2b": as in requests, events and provenance.
std::string_view word(Algorithm algorithm) noexcept;
/// "SHA-256", "SHA-384", "SHA-512", "BLAKE2b": as people read it.
std::string_view display_name(Algorithm algorithm) noexcept;
std::optional<Algorithm> find_algorithm(std::string_view word) noexcept;
/// Length of the digest in hexadecimal characters.
std::size_t hex_length(Algorithm algorithm) noexcept;
/// Loads every algorithm from OpenSSL. Called before confinement: afterwards "/" is somebody
/// else's tree, and a lazily initialised OpenSSL would read its openssl.cnf.
void load_digests();

/// Lower-case hexadecimal digests by algorithm.
using Digests = std::map<Algorithm, std::string>;

/// One running digest.
class Digest {
public:
    explicit Digest(Algorithm algorithm);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;

    Algorithm algorithm() const noexcept;
    void update(Bytes data);
    /// The digest of all that was given, in lower-case hexadecimal. Ends the computation.
    std::string finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Passes bytes on unchanged to `next` and computes digests of them on the way.
class DigestSink final : public Sink {
public:
    DigestSink(Sink& next, std::span<const Algorithm> algorithms);
    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;
    /// Valid after finish().
    const Digests& digests() const noexcept { return digests_; }
    /// How many bytes passed so far. Any thread.
    std::uint64_t size_bytes() const noexcept {
        return size_bytes_.load(std::memory_order_relaxed);
    }

private:
    Sink& next_;
    std::vector<Digest> running_;
    Digests digests_;
    std::span<std::byte> room_;
    std::atomic<std::uint64_t> size_bytes_{0};
};

} // namespace slipway::stream
