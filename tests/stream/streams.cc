// What the tests of stages are made of.

#include "tests/stream/streams.hh"

#include <algorithm>
#include <array>
#include <cstring>
#include <random>

#include "base/error.hh"
#include "stream/fd_stream.hh"
#include "tests/catch.hh"

namespace slipway::tests {

void TestSink::count_call() {
    if (calls_++ == fail_at_) {
        throw SinkFailed();
    }
    if (finished_) {
        throw std::logic_error("a sink was used after finish()");
    }
}

std::span<std::byte> TestSink::room() {
    count_call();
    return buffer_;
}

void TestSink::advance(std::size_t size) {
    count_call();
    if (size > buffer_.size()) {
        throw std::logic_error("advanced beyond the room");
    }
    const auto content = std::span(buffer_).first(size);
    text_.append(as_text(content));
    std::ranges::fill(content, std::byte{0xee}); // whoever still looks there, sees it
}

void TestSink::finish() {
    count_call();
    finished_ = true;
}

Bytes TestSource::next() {
    std::ranges::fill(view_, std::byte{0xdd});
    const std::size_t wanted = pieces_[calls_++ % pieces_.size()];
    const std::size_t size = std::min({wanted, text_.size() - at_, cancel_after_ - at_});
    if (size == 0 && at_ == cancel_after_) {
        throw Canceled();
    }
    const Bytes piece = as_bytes(text_).subspan(at_, size);
    view_.assign(piece.begin(), piece.end());
    at_ += size;
    return view_;
}

std::string sample_text(std::size_t size, std::uint32_t seed) {
    static constexpr std::array kWords = {"/usr/lib/",
                                          "x86_64-linux-gnu",
                                          "Package: ",
                                          "\n",
                                          "Depends: libc6 (>= 2.36)",
                                          "0x7fff",
                                          " ",
                                          "\t"};
    std::minstd_rand random(seed);
    std::string text;
    while (text.size() < size) {
        const auto choice = random() % 12;
        if (choice < kWords.size()) {
            text += kWords[choice];
        } else if (choice == 11) {
            text.append(random() % 300, static_cast<char>(random() & 0xff));
        } else {
            text += std::to_string(random());
        }
    }
    text.resize(size);
    return text;
}

std::string noise(std::size_t size, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::string text(size, '\0');
    std::ranges::generate(text, [&random] { return static_cast<char>(random() & 0xff); });
    return text;
}

DecodedText decode_text(std::string_view packed, const stream::DecodeLimits& limits) {
    stream::MemorySource in(as_bytes(packed));
    TestSink out;
    DecodedText result{stream::decode(in, out, limits), {}};
    REQUIRE(out.finished());
    result.text = out.text();
    return result;
}

Refusal refusal_of(std::string_view packed, const stream::DecodeLimits& limits) {
    stream::MemorySource in(as_bytes(packed));
    TestSink out;
    try {
        stream::decode(in, out, limits);
    } catch (const Error& error) {
        return {error.kind(), error.what(), out.text(), out.finished()};
    }
    FAIL("decode() took input that it should have refused");
    return {};
}

} // namespace slipway::tests
