// Sources and sinks for the tests of stages: small rooms, odd pieces, failures on order.

#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/outcome.hh"
#include "stream/decode.hh"
#include "stream/sink.hh"
#include "stream/source.hh"

namespace slipway::tests {

/// What a failing sink throws: not an Error, so that nobody can add to it.
struct SinkFailed : std::runtime_error {
    SinkFailed() : std::runtime_error("the next sink failed") {}
};

/// Collects bytes; gives rooms of a chosen size and fails when told to.
class TestSink final : public stream::Sink {
public:
    explicit TestSink(std::size_t room_bytes = 64 * KiB) : buffer_(room_bytes) {}

    /// The n-th call (from 0) of room(), advance() or finish() throws SinkFailed.
    void fail_at_call(std::uint64_t call) { fail_at_ = call; }

    std::span<std::byte> room() override;
    void advance(std::size_t size) override;
    void finish() override;

    const std::string& text() const noexcept { return text_; }
    bool finished() const noexcept { return finished_; }
    std::uint64_t calls() const noexcept { return calls_; }

private:
    void count_call();

    std::vector<std::byte> buffer_;
    std::string text_;
    bool finished_ = false;
    std::uint64_t calls_ = 0;
    std::uint64_t fail_at_ = ~std::uint64_t{0};
};

/// Serves text in pieces whose sizes repeat; the view before is overwritten, as a ring would.
class TestSource final : public stream::Source {
public:
    TestSource(std::string text, std::vector<std::size_t> pieces)
        : text_(std::move(text)), pieces_(std::move(pieces)) {}

    /// After this many bytes next() throws Canceled.
    void cancel_after(std::size_t bytes) { cancel_after_ = bytes; }

    Bytes next() override;

private:
    std::string text_;
    std::vector<std::size_t> pieces_;
    std::size_t at_ = 0;
    std::size_t calls_ = 0;
    std::size_t cancel_after_ = ~std::size_t{0};
    std::vector<std::byte> view_;
};

/// `size` bytes that compress about as a system's files do; the same for the same seed.
std::string sample_text(std::size_t size, std::uint32_t seed = 1);

/// `size` bytes that do not compress.
std::string noise(std::size_t size, std::uint32_t seed = 1);

/// decode() of text to text.
struct DecodedText {
    stream::Decoded found;
    std::string text;
};
DecodedText decode_text(std::string_view packed, const stream::DecodeLimits& limits = {});

/// What decode() throws for this input, with what it had written before; fails the test when it
/// throws nothing.
struct Refusal {
    Kind kind = Kind::Other;
    std::string message;
    std::string text;
    bool finished = false;
};
Refusal refusal_of(std::string_view packed, const stream::DecodeLimits& limits = {});

} // namespace slipway::tests
