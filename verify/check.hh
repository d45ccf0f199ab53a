// The work of slipway-check: one statement, its signatures, the key rings. Run behind its fences.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "verify/signature.hh"

namespace slipway::verify {

struct CheckRequest {
    struct Ring {
        std::string name; ///< for messages
        std::string content;
        std::string problem; ///< not empty: it could not be read at all
    };
    std::string statement; ///< what is signed; a clearsigned document as a whole
    bool clearsigned = false;
    std::string signature; ///< detached; armored or binary
    std::vector<Ring> rings;
};

/// What the engine says, with SignatureReport::text for a clearsigned document.
/// @param on_home  told of the engine's home as soon as there is one: whoever ends this program by
///                 a signal removes it first
/// @throws Error Unsupported: the engine is missing, or died
SignatureReport check_signatures(const CheckRequest& request,
                                 const std::function<void(const std::filesystem::path&)>& on_home);

} // namespace slipway::verify
