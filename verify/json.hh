// Reading the JSON that programs of ours send each other, strictly. Only .cc files of this room
// include this.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hh"
#include "base/json.hh"
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

/// A text, or texts, that another program of ours has taken from outside.
inline std::string outside_text(const nlohmann::json& value) {
    return relayed(value.get<std::string>());
}

inline std::vector<std::string> outside_texts(const nlohmann::json& values) {
    std::vector<std::string> texts;
    for (const nlohmann::json& value : values) {
        texts.push_back(outside_text(value));
    }
    return texts;
}

/// Texts as JSON can hold them.
inline nlohmann::json outside_values(const std::vector<std::string>& texts) {
    nlohmann::json values = nlohmann::json::array();
    for (const std::string& text : texts) {
        values.push_back(to_utf8(text));
    }
    return values;
}

/// Seconds since 1970. OpenPGP's times have 32 bits, an end is a time and a span: more is a lie
/// that dates cannot hold.
/// @throws Error Internal: an impossible one
inline std::int64_t time_of(const nlohmann::json& value, std::string_view what) {
    constexpr std::int64_t kLatest = std::int64_t{1} << 33;
    const auto seconds = value.get<std::int64_t>();
    if (seconds < 0 || seconds > kLatest) {
        throw Error(Kind::Internal, "{} holds an impossible time: {}", what, seconds);
    }
    return seconds;
}

} // namespace slipway::verify
