// The formats that images are packed in, as a table: what the command line, a request and the
// codecs call them. Values only: a program that packs nothing links no codec for it.

#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace slipway::stream {

enum class Codec { Plain, Gzip, Xz, Zstd, Bzip2, Lz4 };

/// "plain", "gzip", "xz", "zstd", "bzip2", "lz4".
std::string_view word(Codec codec) noexcept;

struct Format {
    Codec codec;
    std::string_view word;   ///< in requests and options: "uncompressed", else as word(codec)
    std::string_view suffix; ///< of file names: ".gz"; empty: none
    unsigned lowest;         ///< levels; 0 stands for the format's own choice and is always allowed
    unsigned highest;        ///< 0: it has none
};

/// In the order in which people are told of them.
std::span<const Format> formats() noexcept;
const Format& format_of(Codec codec) noexcept;
/// Nothing for another word.
const Format* find_format(std::string_view word) noexcept;
/// The format that the end of a file name announces, ".tgz" included; uncompressed for others.
const Format& format_of_file(std::string_view file_name) noexcept;

/// @throws Error InvalidArgument: names the range
void check_level(const Format& format, unsigned level);

} // namespace slipway::stream
