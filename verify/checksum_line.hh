// One line of a checksum document, by its form alone: docs/verification.md, "Lines". Not for other
// rooms.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "stream/algorithm.hh"

namespace slipway::verify {

/// An algorithm as documents name it: known to us, or only a word.
struct NamedAlgorithm {
    std::optional<stream::Algorithm> known; ///< nothing: weak, or unknown to us
    std::string word;                       ///< "SHA256", "MD5"
};

/// The algorithm of a word, without regard to case: "SHA256", "SHA2-256", "BLAKE2b-512".
NamedAlgorithm named_algorithm(std::string_view word);

struct CommentLine {};
/// "# SHA512 HASH": the algorithm of the lines that follow.
struct SectionLine {
    NamedAlgorithm algorithm;
};
/// A digest, with a name unless it is bare.
struct EntryLine {
    NamedAlgorithm algorithm;
    std::string digest; ///< lower-case hexadecimal
    std::optional<std::string> name;
};
/// A line of no form.
struct OtherLine {};

using ChecksumLine = std::variant<CommentLine, SectionLine, EntryLine, OtherLine>;

/// @param line   without its end and trailing blanks; not empty
/// @param given  what the section or the document's name says of a line that has no algorithm's
///               word; nothing: the digest's length says it
ChecksumLine parse_checksum_line(std::string_view line, const std::optional<NamedAlgorithm>& given);

} // namespace slipway::verify
