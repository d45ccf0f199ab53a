// Times are seconds since 1970. Members that nothing is known of are left out.

#include "transfer/provenance.hh"

#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

using Json = nlohmann::json;

// At most `limit_bytes` of valid UTF-8.
std::string cut(const std::string& text, std::size_t limit_bytes) {
    if (text.size() <= limit_bytes) {
        return text;
    }
    std::size_t end = limit_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end) + "…";
}

void set(Json& object, const char* member, const std::string& text, std::size_t limit_bytes) {
    if (!text.empty()) {
        object[member] = cut(to_utf8(text), limit_bytes);
    }
}

// Empty for whatever is no text, or no provenance of ours.
std::string text_of(const Json& object, const char* member) {
    const auto found = object.is_object() ? object.find(member) : object.end();
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string dump(const Origin& origin, std::size_t limit_bytes) {
    const verify::Statement& statement = origin.statement;
    const ShownDigest shown = shown_digest(origin.digests, statement.algorithm);
    Json object{{"protocol", 1},
                {"job", origin.job},
                {"fetched", origin.fetched_at},
                {"size", origin.size_bytes},
                {"verdict", origin.verdict}};
    set(object, "source", origin.source, limit_bytes);
    set(object, "algorithm", shown.algorithm, limit_bytes);
    set(object, "digest", shown.digest, limit_bytes);
    set(object, "document", statement.document, limit_bytes);
    set(object, "document_digest", statement.document_digest, limit_bytes);
    set(object, "key", statement.key, limit_bytes);
    set(object, "signing_key", statement.signing_key, limit_bytes);
    set(object, "owner", statement.owner, limit_bytes);
    if (statement.line > 0) {
        object["line"] = statement.line;
    }
    if (statement.signed_at > 0) {
        object["signed"] = statement.signed_at;
    }
    return object.dump();
}

/// Of two parents or more the last one; false when there are not so many.
bool drop_oldest_parent(Json& object) {
    Json* at = &object["parent"];
    if (!at->is_object() || !at->contains("parent")) {
        return false;
    }
    while ((*at)["parent"].is_object() && (*at)["parent"].contains("parent")) {
        at = &(*at)["parent"];
    }
    at->erase("parent");
    return true;
}

void cut_texts(Json& object, std::size_t limit_bytes) {
    for (Json& member : object) {
        if (member.is_string()) {
            member = cut(member.get<std::string>(), limit_bytes);
        } else if (member.is_object()) {
            cut_texts(member, limit_bytes);
        }
    }
}

} // namespace

ShownDigest shown_digest(const stream::Digests& digests, const std::string& algorithm) {
    ShownDigest shown;
    for (const auto& [candidate, digest] : digests) {
        // The map is ordered from the weakest on.
        if (shown.algorithm != algorithm || algorithm.empty()) {
            shown = {std::string(stream::word(candidate)), digest};
        }
    }
    return shown;
}

storage::Provenance make_provenance(const Origin& origin) {
    std::size_t limit_bytes = storage::kMaxProvenanceBytes;
    std::string json = dump(origin, limit_bytes);
    while (json.size() > storage::kMaxProvenanceBytes) {
        limit_bytes /= 2;
        json = dump(origin, limit_bytes);
    }
    return {json};
}

storage::Provenance inherit_provenance(const std::string& origin, const Parent& parent) {
    Json object = Json::parse(origin, nullptr, false);
    if (!object.is_object()) {
        object = Json{{"protocol", 1}};
    }
    Json own{
        {"name", parent.name}, {"path", to_utf8(parent.path)}, {"cloned_at", parent.cloned_at}};
    if (object.contains("parent")) {
        own["parent"] = std::move(object["parent"]);
    }
    object["job"] = parent.job;
    object["parent"] = std::move(own);
    while (object.dump().size() > storage::kMaxProvenanceBytes && drop_oldest_parent(object)) {
    }
    std::size_t limit_bytes = storage::kMaxProvenanceBytes;
    while (object.dump().size() > storage::kMaxProvenanceBytes && limit_bytes > 1) {
        limit_bytes /= 2;
        cut_texts(object, limit_bytes);
    }
    if (object.dump().size() > storage::kMaxProvenanceBytes) { // somebody else's JSON
        return inherit_provenance("{}", parent);
    }
    return {object.dump()};
}

Recorded recorded_in(const storage::Provenance& provenance) {
    const Json object = Json::parse(provenance.json, nullptr, false);
    return {text_of(object, "source"), text_of(object, "algorithm"), text_of(object, "digest")};
}

std::string job_of(const storage::Provenance& provenance) {
    return text_of(Json::parse(provenance.json, nullptr, false), "job");
}

} // namespace slipway::transfer
