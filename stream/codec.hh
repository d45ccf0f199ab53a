// How the codecs announce themselves. Internal to the room.

#pragma once

#include <cstddef>
#include <string_view>

#include "stream/decode.hh"

namespace slipway::stream {

/// As many bytes as the longest magic has.
inline constexpr std::size_t kMagicBytes = 6;

/// "member", "stream", "frame": what the codec's own documents call what may be repeated.
std::string_view member_word(Codec codec) noexcept;

/// `start` begins a member of this codec. A magic that is cut off does not.
bool begins_member(Codec codec, Bytes start) noexcept;

/// All of `start` is the beginning of this codec's magic (or of a skippable frame's) and shorter:
/// what is left of a member that was cut in its first bytes.
bool is_cut_magic(Codec codec, Bytes start) noexcept;

/// `start` begins a skippable frame, which zstd and lz4 share.
bool begins_skippable(Bytes start) noexcept;

/// The codec may be preceded, followed and interrupted by skippable frames.
bool has_skippable(Codec codec) noexcept;

} // namespace slipway::stream
