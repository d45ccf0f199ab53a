// gzip (RFC 1952): header, deflate, trailer. Header and trailer are read here, so that CRC-32 and
// length are checked whatever the engine, and each refusal says what differs.

#include <array>

#include "stream/codec.hh"
#include "stream/decoder.hh"
#include "stream/gzip_header.hh"
#include "stream/inflate.hh"

namespace slipway::stream {
namespace {

class GzipDecoder final : public Decoder {
public:
    explicit GzipDecoder(std::unique_ptr<Inflate> inflate) : inflate_(std::move(inflate)) {}

    void begin(Bytes /*head*/) override {
        header_ = GzipHeader();
        inflate_->restart();
        body_ended_ = false;
        length_ = 0;
        trailer_size_ = 0;
    }

    Step step(Bytes packed, std::span<std::byte> room) override {
        Step step;
        if (!header_.complete()) {
            step.taken = header_.take(packed);
            step.problem = header_.problem();
            if (step.problem || !header_.complete()) {
                return step;
            }
        }
        if (!body_ended_) {
            inflate(packed, room, step);
            if (step.problem || !body_ended_) {
                return step;
            }
        }
        step.taken += take_trailer(packed.subspan(step.taken));
        if (trailer_size_ == trailer_.size()) {
            step.problem = mismatch();
            step.member_ended = !step.problem;
        }
        return step;
    }

private:
    void inflate(Bytes packed, std::span<std::byte> room, Step& step) {
        Step body = inflate_->step(packed.subspan(step.taken), room);
        step.taken += body.taken;
        step.made = body.made;
        step.problem = std::move(body.problem);
        length_ += static_cast<std::uint32_t>(body.made);
        body_ended_ = body.member_ended;
        if (body_ended_) {
            take_trailer(inflate_->overrun());
        }
    }

    std::size_t take_trailer(Bytes bytes) {
        const std::size_t size = std::min(bytes.size(), trailer_.size() - trailer_size_);
        std::copy_n(bytes.begin(), size,
                    trailer_.begin() + static_cast<std::ptrdiff_t>(trailer_size_));
        trailer_size_ += size;
        return size;
    }

    std::uint32_t trailer_word(std::size_t at) const noexcept {
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            word |= std::to_integer<std::uint32_t>(trailer_[at + i]) << (8 * i);
        }
        return word;
    }

    std::optional<Error> mismatch() const {
        if (const std::uint32_t stated = trailer_word(0); stated != inflate_->crc32()) {
            return Error(Kind::Corrupt, "its CRC-32 is {:08x}, its trailer says {:08x}",
                         inflate_->crc32(), stated);
        }
        if (const std::uint32_t stated = trailer_word(4); stated != length_) {
            return Error(Kind::Corrupt, "its length is {} bytes (modulo 2^32), its trailer says {}",
                         length_, stated);
        }
        return std::nullopt;
    }

    std::unique_ptr<Inflate> inflate_;
    GzipHeader header_;
    bool body_ended_ = false;
    std::uint32_t length_ = 0; ///< modulo 2^32, as the trailer has it
    std::array<std::byte, 8> trailer_{};
    std::size_t trailer_size_ = 0;
};

} // namespace

std::unique_ptr<Decoder> make_gzip_decoder(std::unique_ptr<Inflate> inflate) {
    return std::make_unique<GzipDecoder>(std::move(inflate));
}

// SLIPWAY_GZIP_ENGINE: `isal` or `zlib`, from the build's option of that name.
std::unique_ptr<Decoder> make_gzip_decoder() {
    return make_gzip_decoder(SLIPWAY_GZIP_ENGINE::make_inflate());
}

std::string gzip_engine() {
    return SLIPWAY_GZIP_ENGINE::engine();
}

} // namespace slipway::stream
