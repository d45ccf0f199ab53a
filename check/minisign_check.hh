// Whether a signature of minisign or signify holds. Linked by slipway-check alone.

#pragma once

#include <string_view>
#include <vector>

#include "check/held_keys.hh"
#include "check/minisign.hh"
#include "stream/source.hh"
#include "verify/signature.hh"

namespace slipway::check {

/// What can be said of a signature over a statement that will stream by: Pending when a key with
/// this number is held and the trusted comment holds. A signature over the bytes themselves is
/// Unsupported.
verify::Signature foresee_minisign(const MinisignSignature& signature,
                                   const std::vector<HeldMinisignKey>& keys);

/// A statement in memory.
verify::Signature check_minisign(const MinisignSignature& signature,
                                 const std::vector<HeldMinisignKey>& keys,
                                 std::string_view statement);

/// One that streams by and is read to its end, unless its outcome is settled before, as by
/// foresee_minisign().
verify::Signature check_minisign(const MinisignSignature& signature,
                                 const std::vector<HeldMinisignKey>& keys,
                                 stream::Source& statement);

} // namespace slipway::check
