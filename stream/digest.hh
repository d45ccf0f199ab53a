// Message digests over a stream: SHA-256, SHA-384, SHA-512, BLAKE2b-512 (OpenSSL's EVP interface).

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "stream/algorithm.hh"
#include "stream/sink.hh"

namespace slipway::stream {

/// Loads every algorithm from OpenSSL. Called before confinement: afterwards "/" is somebody
/// else's tree, and a lazily initialised OpenSSL would read its openssl.cnf.
void load_digests();

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
    void write(Bytes data) override;
    /// What comes from now on is passed to another sink; the digests go on.
    void divert(Sink& next) noexcept { next_ = &next; }
    /// Valid after finish().
    const Digests& digests() const noexcept { return digests_; }
    /// How many bytes passed so far. Any thread.
    std::uint64_t size_bytes() const noexcept {
        return size_bytes_.load(std::memory_order_relaxed);
    }

private:
    Sink* next_;
    std::vector<Digest> running_;
    Digests digests_;
    std::span<std::byte> room_;
    std::atomic<std::uint64_t> size_bytes_{0};
};

} // namespace slipway::stream
