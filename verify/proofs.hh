// Fetching what may lie beside an image. Part of Judge; not for other rooms.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/url.hh"
#include "verify/judge.hh"

namespace slipway::verify {

enum class LookAgain { No, Yes };

struct Proof {
    std::string content;
    bool too_large = false;
};

/// What lies under `name` beside `image`; nothing when the server says that it is not there.
/// @throws Error unavailable: neither can be said
std::optional<Proof> find_proof(Library& library, const Url& image, const std::string& name,
                                std::uint64_t limit_bytes, LookAgain look_again);

} // namespace slipway::verify
