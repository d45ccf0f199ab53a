// The one reader of checksum documents: sha256sum's lines, BSD's lines, sections, sidecars, in the
// shapes that publishers use. Grammar: docs/verification.md. Pure; called in slipway-unpack.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/algorithm.hh"

namespace slipway::verify {

/// More than this is not read; the largest seen in the wild has 1 MiB.
inline constexpr std::uint64_t kMaxDocumentBytes = 4 * 1024 * 1024;

/// A document for one file ("x.tar.xz.sha256"), or for a directory ("SHA256SUMS").
enum class Place { Sidecar, List };

/// One digest for our file.
struct ChecksumEntry {
    /// Nothing when it is weak or unknown to us (md5, sha1 …): it exists but counts for nothing.
    std::optional<stream::Algorithm> algorithm;
    std::string algorithm_word; ///< as in the document, for messages: "SHA256", "MD5"
    std::string digest;         ///< lower-case hexadecimal
    std::string name;           ///< as in the document
    std::size_t line = 0;       ///< from 1
};

/// What a document says about our file.
struct ChecksumFile {
    /// Empty when it could be read; else why not: "is not a checksum document: starts with
    /// '<!DO…'".
    std::string problem;
    std::string digest;                 ///< SHA-256 of the document, as it came; empty: not asked
    bool clearsigned = false;           ///< only what lies inside the block was read
    std::vector<ChecksumEntry> entries; ///< for our file; equal ones are one
    std::size_t others = 0;             ///< entries for other files
    std::size_t ignored_lines = 0;
    std::optional<std::string> alias; ///< a sidecar that names our file by this other name
};

/// Reads `text` (a document called `document_name`) for what it says about `file_name`, which is
/// the percent-decoded last segment of the URL as requested.
ChecksumFile parse_checksum_file(std::string_view text, std::string_view document_name,
                                 std::string_view file_name, Place place);

/// Sidecar when `document_name` is `file_name` with something behind it.
Place place_of(std::string_view document_name, std::string_view file_name) noexcept;

std::string to_json(const ChecksumFile& file);
/// @throws Error Internal: not what the protocol says
ChecksumFile checksum_file_from_json(std::string_view json);

} // namespace slipway::verify
