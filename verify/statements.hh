// The digests that documents give for one image. Part of Judge; not for other rooms.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "stream/algorithm.hh"
#include "verify/signature.hh"

namespace slipway::verify {

struct FoundStatement {
    std::string document_name;   ///< "SHA256SUMS"
    std::string document_url;    ///< masked
    std::string document_digest; ///< SHA-256 of the document
    stream::Algorithm algorithm{};
    std::string digest;
    std::size_t line = 0;
    std::string freshness;              ///< see freshness_place()
    std::optional<Signature> signature; ///< the accepted one; nothing: not signed
};

/// Whether both say the same on the same authority, wherever it stands.
bool is_same_statement(const FoundStatement& a, const FoundStatement& b);

/// All of them agree: no two give different digests of one algorithm.
class Statements {
public:
    /// Returns how the statement contradicts an earlier one, empty when it does not and is kept.
    std::string add(FoundStatement statement);

    /// Signed ones first, then the stronger ones.
    std::vector<FoundStatement> take();

private:
    std::vector<FoundStatement> statements_;
};

} // namespace slipway::verify
