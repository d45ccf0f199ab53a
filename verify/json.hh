// Reading the JSON that programs of ours send each other, strictly. Only .cc files of this room
// include this.

#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::verify {

/// The object in `text`.
/// @throws Error Internal: not an object; `what` names the message: "an answer of slipway-check"
inline nlohmann::json parse_object(std::string_view text, std::string_view what) {
    nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_object()) {
        throw Error(Kind::Internal, "{} is not a JSON object: {}", what, quoted(text, 80));
    }
    return value;
}

/// Runs `read` over the members of an object.
/// @throws Error Internal: a member is missing or of another type
template <typename Read>
auto read_members(std::string_view what, Read read) {
    try {
        return read();
    } catch (const nlohmann::json::exception& problem) {
        throw Error(Kind::Internal, "{} is not what the protocol says: {}", what,
                    quoted(problem.what()));
    }
}

} // namespace slipway::verify
