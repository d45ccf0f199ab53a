// One row a format. Levels are those of the format's own tool, less what asks for more memory than
// a reader grants (zstd --ultra).

#include "stream/format.hh"

#include <algorithm>
#include <array>

#include "base/error.hh"

namespace slipway::stream {
namespace {

constexpr std::array<Format, 6> kFormats{{
    {Codec::Plain, "uncompressed", "", 0, 0},
    {Codec::Gzip, "gzip", ".gz", 1, 9},
    {Codec::Xz, "xz", ".xz", 1, 9},
    {Codec::Zstd, "zstd", ".zst", 1, 19},
    {Codec::Bzip2, "bzip2", ".bz2", 1, 9},
    {Codec::Lz4, "lz4", ".lz4", 1, 12},
}};

struct ShortSuffix {
    std::string_view suffix;
    Codec codec;
};
constexpr std::array<ShortSuffix, 5> kShortSuffixes{{{".tgz", Codec::Gzip},
                                                     {".txz", Codec::Xz},
                                                     {".tzst", Codec::Zstd},
                                                     {".tbz2", Codec::Bzip2},
                                                     {".tbz", Codec::Bzip2}}};

} // namespace

std::string_view word(Codec codec) noexcept {
    return codec == Codec::Plain ? "plain" : format_of(codec).word;
}

std::span<const Format> formats() noexcept {
    return kFormats;
}

const Format& format_of(Codec codec) noexcept {
    return *std::ranges::find(kFormats, codec, &Format::codec);
}

const Format* find_format(std::string_view word) noexcept {
    const auto* found = std::ranges::find(kFormats, word, &Format::word);
    return found == kFormats.end() ? nullptr : found;
}

const Format& format_of_file(std::string_view file_name) noexcept {
    for (const Format& format : kFormats) {
        if (!format.suffix.empty() && file_name.ends_with(format.suffix)) {
            return format;
        }
    }
    for (const ShortSuffix& shorter : kShortSuffixes) {
        if (file_name.ends_with(shorter.suffix)) {
            return format_of(shorter.codec);
        }
    }
    return format_of(Codec::Plain);
}

void check_level(const Format& format, unsigned level) {
    if (level == 0 || (level >= format.lowest && level <= format.highest)) {
        return;
    }
    if (format.highest == 0) {
        throw Error(Kind::InvalidArgument, "{} has no levels; leave --level={} out", format.word,
                    level);
    }
    throw Error(Kind::InvalidArgument, "level {} is none of {}; expected {} to {}", level,
                format.word, format.lowest, format.highest);
}

} // namespace slipway::stream
