// The list of keys on its way out of slipway-check (docs/protocol.md §4).

#include "verify/key_list.hh"

#include "base/quoted.hh"
#include "verify/json.hh"

namespace slipway::verify {
namespace {

using nlohmann::json;

constexpr std::string_view kWhat = "a list of keys by slipway-check";

json to_value(const ListedKey& key) {
    return {{"kind", key.kind},
            {"fingerprint", key.fingerprint},
            {"owners", outside_values(key.owners)},
            {"algorithm", key.algorithm},
            {"files", outside_values(key.files)},
            {"created", key.created},
            {"expires", key.expires},
            {"signs_until", key.signs_until},
            {"revoked", key.revoked},
            {"weak", key.weak}};
}

ListedKey to_key(const json& value) {
    return {.kind = outside_text(value.at("kind")),
            .fingerprint = outside_text(value.at("fingerprint")),
            .owners = outside_texts(value.at("owners")),
            .algorithm = outside_text(value.at("algorithm")),
            .files = outside_texts(value.at("files")),
            .created = time_of(value.at("created"), kWhat),
            .expires = time_of(value.at("expires"), kWhat),
            .signs_until = time_of(value.at("signs_until"), kWhat),
            .revoked = value.at("revoked").get<bool>(),
            .weak = value.at("weak").get<bool>()};
}

} // namespace

std::string to_json(const KeyList& list) {
    json keys = json::array();
    for (const ListedKey& key : list.keys) {
        keys.push_back(to_value(key));
    }
    return json{{"keys", std::move(keys)}, {"warnings", outside_values(list.warnings)}}.dump();
}

KeyList key_list_from_json(std::string_view text) {
    const json value = parse_object(text, kWhat);
    return read_members(kWhat, [&value] {
        KeyList list;
        for (const json& key : value.at("keys")) {
            list.keys.push_back(to_key(key));
        }
        list.warnings = outside_texts(value.at("warnings"));
        return list;
    });
}

} // namespace slipway::verify
