// The work of slipway-check: one question about signatures, and the key files. Run behind its
// fences.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "check/engine_home.hh"
#include "check/held_keys.hh"
#include "stream/source.hh"
#include "verify/signature.hh"
#include "verify/wire.hh"

namespace slipway::check {

struct CheckRequest {
    verify::CheckForm form = verify::CheckForm::Detached;
    std::string statement; ///< what is signed; a clearsigned document as a whole
    std::string signature; ///< detached; armored or binary
    std::vector<KeyFile> rings;
    std::int64_t now = 0; ///< seconds since 1970; for CheckForm::Foresee
};

/// Every form but ListKeys, with SignatureReport::text for a clearsigned document.
/// @param stream  CheckForm::Streamed: the statement. It is read to its end, unless the outcome is
///                settled before
/// @throws Error Unsupported: the engine is missing, or died; what `stream` throws
verify::SignatureReport check_signatures(const CheckRequest& request, stream::Source* stream,
                                         const OnHome& on_home);

} // namespace slipway::check
