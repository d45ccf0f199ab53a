// Where an image came from, as it is written beside it (attribute user.slipway.origin).

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/verdict.hh"
#include "storage/staging.hh"
#include "stream/algorithm.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

struct Origin {
    std::string job;              ///< the request's id: 16 hexadecimal digits
    std::string source;           ///< masked URL, path, or "-"
    std::int64_t fetched_at = 0;  ///< seconds since 1970
    std::uint64_t size_bytes = 0; ///< as it came, packed
    stream::Digests digests;      ///< of the bytes as they came
    std::string verdict;          ///< its word
    verify::Statement statement;  ///< what vouched for it; empty members when nothing did
};

/// Of the digests the one to show: that of the statement, else the strongest.
struct ShownDigest {
    std::string algorithm;
    std::string digest;
};
ShownDigest shown_digest(const stream::Digests& digests, const std::string& algorithm);

/// JSON of at most storage::kMaxProvenanceBytes: texts that would make it longer are cut, with "…".
storage::Provenance make_provenance(const Origin& origin);

/// The image that a clone was made of.
struct Parent {
    std::string job; ///< the request's id: it is now the job of the clone
    std::string name;
    std::string path;           ///< for people
    std::int64_t cloned_at = 0; ///< seconds since 1970
};

/// The provenance of a clone: that of its parent, with the member `parent`, in which the parent's
/// own one is kept. What would make it too long is left out, the oldest parents first.
/// @param origin  as the parent has it; what is no JSON object counts for nothing
storage::Provenance inherit_provenance(const std::string& origin, const Parent& parent);

/// What an image with this provenance came from, as far as that was written.
struct Recorded {
    std::string source;    ///< as Origin::source
    std::string algorithm; ///< of the one digest that was kept
    std::string digest;
};
Recorded recorded_in(const storage::Provenance& provenance);

/// The job that stored an image with this provenance; empty when it does not say.
std::string job_of(const storage::Provenance& provenance);

} // namespace slipway::transfer
