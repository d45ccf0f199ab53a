// Fetching what may lie beside an image. Part of Judge; not for other rooms.

#pragma once

#include <cstdint>

#include "base/url.hh"
#include "verify/judge.hh"

namespace slipway::verify {

enum class LookAgain { No, Yes };

/// What lies under `url`, or the answer that nothing does (Presence::There or Absent).
/// @throws Error unavailable: neither can be said
Library::Answer find_proof(Library& library, const Url& url, std::uint64_t limit_bytes,
                           LookAgain look_again);

} // namespace slipway::verify
