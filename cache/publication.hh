// One place that a kept download came from: what its server said of it, the documents that were
// asked for beside it, and the files that belong to it. On disk a directory of its own in the entry
// (docs/on-disk.md).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stream/algorithm.hh"

namespace slipway::cache {

/// A document or a signature that was looked for.
struct Paper {
    std::string address; ///< of its URL
    int status = 0;      ///< the server's answer; 200: it is in the file
    bool too_large = false;
    std::string file; ///< its name in the publication; empty: nothing came
};

/// A file that belongs to the image, or the answer that it is not there.
struct Companion {
    std::string address;
    int status = 0; ///< 200: it is in the file
    std::string file;
    std::uint64_t size_bytes = 0;
    stream::Digests digests; ///< of the bytes in the file
};

struct Publication {
    std::string address; ///< of the image's URL
    std::string url;     ///< masked
    std::string etag;
    std::optional<std::int64_t> last_modified; ///< seconds since 1970
    std::int64_t kept_at = 0;                  ///< seconds since 1970
    std::string verdict;                       ///< its word, to be shown: it proves nothing
    std::vector<Paper> papers;
    std::vector<Companion> companions;
};

std::string to_json(const Publication& publication);
/// Nothing for what is no publication.
std::optional<Publication> parse_publication(std::string_view json);

/// The name of its directory in the entry.
std::string directory_name(const Publication& publication);

/// Null: it was not looked for.
const Paper* find_paper(const Publication& publication, std::string_view address) noexcept;
const Companion* find_companion(const Publication& publication, std::string_view address) noexcept;

/// Whether a server that says this now still has what it had then: the same strong ETag; where
/// neither has one the same time of modification and length. Nothing known is no yes.
struct Validators {
    std::string etag;
    std::optional<std::int64_t> last_modified;
    std::int64_t length_bytes = -1; ///< -1: not known
};
bool is_same_version(const Publication& then, std::uint64_t size_bytes, const Validators& now);

} // namespace slipway::cache
