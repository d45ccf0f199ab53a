// Where the templates of json.hh are.

#include "base/json.hh"

template class nlohmann::basic_json<>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::lexer<nlohmann::json, slipway::detail::JsonFromText>;
template class nlohmann::detail::parser<nlohmann::json, slipway::detail::JsonFromText>;
template class nlohmann::detail::lexer<nlohmann::json, slipway::detail::JsonFromView>;
template class nlohmann::detail::parser<nlohmann::json, slipway::detail::JsonFromView>;
