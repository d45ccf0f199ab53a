// nlohmann's JSON, compiled once: what most files use of it is a library of ours (json.cc), which
// takes two thirds off the time that a file with JSON in it takes to compile. Includes of the
// header itself go through here.

#pragma once

#include <string>

#include <nlohmann/json.hpp>

namespace slipway::detail {

using JsonFromText = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using JsonFromView = nlohmann::detail::iterator_input_adapter<const char*>;

} // namespace slipway::detail

extern template class nlohmann::basic_json<>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::lexer<nlohmann::json, slipway::detail::JsonFromText>;
extern template class nlohmann::detail::parser<nlohmann::json, slipway::detail::JsonFromText>;
extern template class nlohmann::detail::lexer<nlohmann::json, slipway::detail::JsonFromView>;
extern template class nlohmann::detail::parser<nlohmann::json, slipway::detail::JsonFromView>;
