// ISA-L: twice as fast as zlib. Its own reading of gzip's header and trailer is not used, so that
// messages can say which of the checks failed.

#include <algorithm>
#include <array>
#include <utility>

#include <isa-l.h>

#include "stream/inflate.hh"

namespace slipway::stream::isal {
namespace {

const char* words_for(int result) noexcept {
    switch (result) {
    case ISAL_INVALID_BLOCK:
        return "it holds an invalid deflate block";
    case ISAL_INVALID_SYMBOL:
        return "it holds an invalid deflate symbol";
    case ISAL_INVALID_LOOKBACK:
        return "it refers to bytes before its start";
    default:
        return "it is not valid deflate data";
    }
}

class IsalInflate final : public Inflate {
public:
    IsalInflate() : state_(std::make_unique<inflate_state>()) { isal_inflate_init(state_.get()); }

    void restart() override {
        isal_inflate_reset(state_.get());
        state_->crc_flag = ISAL_GZIP_NO_HDR;
        overrun_size_ = 0;
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        // The library only reads there, its interface merely does not say so.
        state_->next_in =
            const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(packed.data()));
        state_->avail_in = static_cast<std::uint32_t>(packed.size());
        state_->next_out = reinterpret_cast<std::uint8_t*>(room.data());
        state_->avail_out = static_cast<std::uint32_t>(room.size());
        const int result = isal_inflate(state_.get());
        Step step;
        step.made = room.size() - state_->avail_out;
        // After invalid data the library may have left its input at a place of its own.
        step.taken = packed.size() - std::min<std::size_t>(state_->avail_in, packed.size());
        if (result != ISAL_DECOMP_OK) {
            step.problem = Error(Kind::Corrupt, "{}", words_for(result));
        } else if (state_->block_state == ISAL_BLOCK_FINISH) {
            step.member_ended = true;
            keep_overrun();
        }
        return step;
    }

    Bytes overrun() const noexcept override { return Bytes(overrun_).first(overrun_size_); }

    std::uint32_t crc32() const noexcept override { return state_->crc; }

private:
    // The library reads ahead into a 64-bit word and leaves there what it did not need: first the
    // bits that fill up the stream's last byte, then whole bytes.
    void keep_overrun() noexcept {
        const auto bits = static_cast<unsigned>(state_->read_in_length);
        std::uint64_t word = state_->read_in >> (bits % 8);
        overrun_size_ = bits / 8;
        for (std::byte& byte : std::span(overrun_).first(overrun_size_)) {
            byte = static_cast<std::byte>(word & 0xff);
            word >>= 8;
        }
    }

    std::unique_ptr<inflate_state> state_;
    std::array<std::byte, 8> overrun_{};
    std::size_t overrun_size_ = 0;
};

} // namespace

std::unique_ptr<Inflate> make_inflate() {
    return std::make_unique<IsalInflate>();
}

std::string engine() {
    return fmt::format("ISA-L {}.{}.{}", ISAL_MAJOR_VERSION, ISAL_MINOR_VERSION,
                       ISAL_PATCH_VERSION);
}

} // namespace slipway::stream::isal
