// The forms in the order in which they are tried: comment and section, BSD, GNU, bare digest.

#include "verify/checksum_line.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

namespace slipway::verify {
namespace {

using stream::Algorithm;

// More than any real line has: what an entry takes on its way between programs stays bounded.
constexpr std::size_t kMaxHexDigits = 256;
constexpr std::size_t kMaxWordBytes = 32;
constexpr std::size_t kMaxNameBytes = 1024;

constexpr std::string_view kHexDigits = "0123456789abcdefABCDEF";

struct AlgorithmRow {
    std::string_view word; ///< as compared: lower case
    std::optional<Algorithm> known;
    std::size_t hex_length;
};

// What tools write in front of '(' or into a section. Others, such as "SHA512/256" or "SHA3-256",
// are other algorithms: their entries count for nothing, whatever their length.
constexpr std::array kWords{
    AlgorithmRow{"sha256", Algorithm::Sha256, 64},
    AlgorithmRow{"sha2-256", Algorithm::Sha256, 64},
    AlgorithmRow{"sha-256", Algorithm::Sha256, 64},
    AlgorithmRow{"sha384", Algorithm::Sha384, 96},
    AlgorithmRow{"sha2-384", Algorithm::Sha384, 96},
    AlgorithmRow{"sha-384", Algorithm::Sha384, 96},
    AlgorithmRow{"sha512", Algorithm::Sha512, 128},
    AlgorithmRow{"sha2-512", Algorithm::Sha512, 128},
    AlgorithmRow{"sha-512", Algorithm::Sha512, 128},
    AlgorithmRow{"blake2b", Algorithm::Blake2b, 128},
    AlgorithmRow{"blake2b-512", Algorithm::Blake2b, 128},
    AlgorithmRow{"blake2b512", Algorithm::Blake2b, 128},
    AlgorithmRow{"blake2 (b2sum)", Algorithm::Blake2b, 128}, // Gentoo until 2022
    AlgorithmRow{"md5", std::nullopt, 32},
    AlgorithmRow{"sha1", std::nullopt, 40},
    AlgorithmRow{"sha-1", std::nullopt, 40},
    AlgorithmRow{"sha224", std::nullopt, 56},
    AlgorithmRow{"sha2-224", std::nullopt, 56},
};

struct LengthRow {
    std::size_t hex_length;
    std::string_view word;
};
constexpr std::array kLengths{
    LengthRow{32, "MD5"},    LengthRow{40, "SHA1"},   LengthRow{56, "SHA224"},
    LengthRow{64, "SHA256"}, LengthRow{96, "SHA384"}, LengthRow{128, "SHA512"},
};

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(text.begin(), text.end(), out.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return out;
}

const AlgorithmRow* find_row(std::string_view word) {
    const std::string wanted = lower(word);
    const auto* row = std::find_if(kWords.begin(), kWords.end(),
                                   [&](const AlgorithmRow& r) { return r.word == wanted; });
    return row == kWords.end() ? nullptr : row;
}

bool fits(const NamedAlgorithm& algorithm, std::string_view hex) {
    const AlgorithmRow* row = find_row(algorithm.word);
    return row == nullptr ? hex.size() % 2 == 0 : hex.size() == row->hex_length;
}

// "# SHA512 HASH", "# BLAKE2 (b2sum) HASH".
ChecksumLine parse_comment(std::string_view line) {
    constexpr std::string_view kStart = "# ";
    constexpr std::string_view kEnd = " HASH";
    if (!line.starts_with(kStart) || !line.ends_with(kEnd) ||
        line.size() <= kStart.size() + kEnd.size()) {
        return CommentLine{};
    }
    line.remove_prefix(kStart.size());
    line.remove_suffix(kEnd.size());
    const std::string_view word = line.substr(0, line.find(' '));
    const std::string_view rest = line.substr(word.size());
    if (!rest.empty() && !(rest.starts_with(" (") && rest.ends_with(')'))) {
        return CommentLine{};
    }
    NamedAlgorithm algorithm = named_algorithm(line); // "BLAKE2 (b2sum)" is one word of the table
    return SectionLine{algorithm.known ? std::move(algorithm) : named_algorithm(word)};
}

// A line that began with '\' has "\\" and "\n" in its name; anything else behind '\' is malformed.
std::optional<std::string> unescape(std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '\\') {
            out.push_back(name[i]);
        } else if (++i < name.size() && (name[i] == '\\' || name[i] == 'n')) {
            out.push_back(name[i] == 'n' ? '\n' : '\\');
        } else {
            return std::nullopt;
        }
    }
    return out;
}

struct Piece {
    std::string_view word; ///< the algorithm's; empty: GNU
    std::string_view hex;
    std::optional<std::string_view> name;
};

// "ALGO (NAME) = HEX", "ALGO(NAME)= HEX".
std::optional<Piece> split_bsd(std::string_view line) {
    const std::size_t open = line.find('(');
    const std::size_t close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return std::nullopt;
    }
    std::string_view word = line.substr(0, open);
    word = word.substr(0, word.size() - (word.ends_with(' ') ? 1 : 0));
    std::string_view hex = line.substr(close + 1);
    hex.remove_prefix(hex.starts_with(' ') ? 1 : 0);
    if (word.empty() || word.find(' ') != std::string_view::npos || !hex.starts_with("= ")) {
        return std::nullopt;
    }
    return Piece{word, hex.substr(2), line.substr(open + 1, close - open - 1)};
}

// "HEX  NAME", "HEX *NAME", "HEX NAME", "HEX".
std::optional<Piece> split_gnu(std::string_view line) {
    const std::size_t end = std::min(line.find_first_not_of(kHexDigits), line.size());
    const std::string_view hex = line.substr(0, end);
    std::string_view name = line.substr(end);
    if (name.empty()) {
        return Piece{{}, hex, std::nullopt};
    }
    if (!name.starts_with(' ')) {
        return std::nullopt;
    }
    name.remove_prefix(1);
    name.remove_prefix(name.starts_with(' ') || name.starts_with('*') ? 1 : 0);
    return Piece{{}, hex, name};
}

// The algorithm of a piece: its word, else what is given, else what the length says.
std::optional<NamedAlgorithm> algorithm_of(const Piece& piece,
                                           const std::optional<NamedAlgorithm>& given) {
    if (!piece.word.empty()) {
        return named_algorithm(piece.word);
    }
    if (given) {
        return given;
    }
    const auto* row = std::find_if(kLengths.begin(), kLengths.end(), [&](const LengthRow& r) {
        return r.hex_length == piece.hex.size();
    });
    return row == kLengths.end() ? std::nullopt : std::optional(named_algorithm(row->word));
}

std::optional<EntryLine> entry_of(const Piece& piece, const std::optional<NamedAlgorithm>& given) {
    const bool is_hex = !piece.hex.empty() && piece.hex.size() <= kMaxHexDigits &&
                        piece.hex.find_first_not_of(kHexDigits) == std::string_view::npos;
    if (!is_hex || piece.word.size() > kMaxWordBytes || piece.name == "" ||
        piece.name.value_or("").size() > kMaxNameBytes) {
        return std::nullopt;
    }
    std::optional<NamedAlgorithm> algorithm = algorithm_of(piece, given);
    if (!algorithm || !fits(*algorithm, piece.hex)) {
        return std::nullopt;
    }
    return EntryLine{*std::move(algorithm), lower(piece.hex),
                     piece.name ? std::optional<std::string>(*piece.name) : std::nullopt};
}

} // namespace

NamedAlgorithm named_algorithm(std::string_view word) {
    const AlgorithmRow* row = find_row(word);
    return {row == nullptr ? std::nullopt : row->known, std::string(word)};
}

ChecksumLine parse_checksum_line(std::string_view line,
                                 const std::optional<NamedAlgorithm>& given) {
    if (line.starts_with('#')) {
        return parse_comment(line);
    }
    const bool escaped_name = line.starts_with('\\');
    line.remove_prefix(escaped_name ? 1 : 0);
    for (const auto& piece : {split_bsd(line), split_gnu(line)}) {
        if (std::optional<EntryLine> entry = piece ? entry_of(*piece, given) : std::nullopt) {
            if (escaped_name && entry->name) {
                entry->name = unescape(*entry->name);
                if (!entry->name) {
                    return OtherLine{};
                }
            }
            return *std::move(entry);
        }
    }
    return OtherLine{};
}

} // namespace slipway::verify
