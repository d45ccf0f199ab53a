// Digests as JSON, for entries and publications.

#pragma once

#include <optional>

#include "base/json.hh"
#include "stream/algorithm.hh"

namespace slipway::cache {

inline nlohmann::json digests_json(const stream::Digests& digests) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [algorithm, hex] : digests) {
        object[std::string(stream::word(algorithm))] = hex;
    }
    return object;
}

/// Nothing for what are no digests; algorithms that we do not know are passed over.
inline std::optional<stream::Digests> digests_from(const nlohmann::json& object) {
    if (!object.is_object()) {
        return std::nullopt;
    }
    stream::Digests digests;
    for (const auto& [name, hex] : object.items()) {
        const auto algorithm = stream::find_algorithm(name);
        if (!algorithm) {
            continue;
        }
        if (!hex.is_string() ||
            hex.get_ref<const std::string&>().size() != stream::hex_length(*algorithm)) {
            return std::nullopt;
        }
        digests[*algorithm] = hex.get<std::string>();
    }
    return digests;
}

} // namespace slipway::cache
