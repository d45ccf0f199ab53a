// What does not parse is as good as not kept: nobody needs to know which member was wrong.

#include "cache/publication.hh"

#include <algorithm>

#include <fmt/format.h>

#include "base/json.hh"
#include "base/quoted.hh"
#include "cache/digests_json.hh"

namespace slipway::cache {
namespace {

using Json = nlohmann::json;

Json json_of(const Paper& paper) {
    return {{"address", to_utf8(paper.address)},
            {"status", paper.status},
            {"too_large", paper.too_large},
            {"file", paper.file}};
}

Json json_of(const Companion& companion) {
    return {{"address", to_utf8(companion.address)},
            {"status", companion.status},
            {"file", companion.file},
            {"size", companion.size_bytes},
            {"digests", digests_json(companion.digests)}};
}

// A file of the publication, never a path out of it.
std::string file_name(const Json& object) {
    const std::string name = object.at("file").get<std::string>();
    if (name.find('/') != std::string::npos || name.starts_with('.')) {
        throw Json::other_error::create(599, "a path in the place of a name", &object);
    }
    return name;
}

Paper paper_from(const Json& object) {
    return {object.at("address").get<std::string>(), object.at("status").get<int>(),
            object.at("too_large").get<bool>(), file_name(object)};
}

Companion companion_from(const Json& object) {
    return {object.at("address").get<std::string>(), object.at("status").get<int>(),
            file_name(object), object.at("size").get<std::uint64_t>(),
            digests_from(object.at("digests")).value_or(stream::Digests())};
}

Publication publication_from(const Json& object) {
    Publication publication;
    publication.address = object.at("address").get<std::string>();
    publication.url = object.at("url").get<std::string>();
    publication.etag = object.at("etag").get<std::string>();
    if (const Json& modified = object.at("last_modified"); !modified.is_null()) {
        publication.last_modified = modified.get<std::int64_t>();
    }
    publication.kept_at = object.at("kept").get<std::int64_t>();
    publication.verdict = object.at("verdict").get<std::string>();
    for (const Json& paper : object.at("papers")) {
        publication.papers.push_back(paper_from(paper));
    }
    for (const Json& companion : object.at("companions")) {
        publication.companions.push_back(companion_from(companion));
    }
    return publication;
}

template <typename Member>
const Member* find_at(const std::vector<Member>& members, std::string_view address) noexcept {
    const auto found =
        std::find_if(members.begin(), members.end(),
                     [address](const Member& member) { return member.address == address; });
    return found == members.end() ? nullptr : &*found;
}

bool is_strong(std::string_view etag) noexcept {
    return !etag.empty() && !etag.starts_with("W/");
}

} // namespace

std::string to_json(const Publication& publication) {
    Json object{{"address", to_utf8(publication.address)},
                {"url", to_utf8(publication.url)},
                {"etag", to_utf8(publication.etag)},
                {"last_modified", nullptr},
                {"kept", publication.kept_at},
                {"verdict", publication.verdict},
                {"papers", Json::array()},
                {"companions", Json::array()}};
    if (publication.last_modified) {
        object["last_modified"] = *publication.last_modified;
    }
    for (const Paper& paper : publication.papers) {
        object["papers"].push_back(json_of(paper));
    }
    for (const Companion& companion : publication.companions) {
        object["companions"].push_back(json_of(companion));
    }
    return object.dump(2) + "\n";
}

std::optional<Publication> parse_publication(std::string_view json) {
    try {
        return publication_from(Json::parse(json));
    } catch (const Json::exception&) {
        return std::nullopt;
    }
}

std::string directory_name(const Publication& publication) {
    // FNV-1a, 64 bits: two places of one content share a directory once in a blue moon, and then
    // the newer one has it.
    std::uint64_t hash = 14'695'981'039'346'656'037ULL;
    for (const char byte : publication.address) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 1'099'511'628'211ULL;
    }
    return fmt::format("from-{:016x}", hash);
}

const Paper* find_paper(const Publication& publication, std::string_view address) noexcept {
    return find_at(publication.papers, address);
}

const Companion* find_companion(const Publication& publication, std::string_view address) noexcept {
    return find_at(publication.companions, address);
}

bool is_same_version(const Publication& then, std::uint64_t size_bytes, const Validators& now) {
    const bool other_length =
        now.length_bytes >= 0 && static_cast<std::uint64_t>(now.length_bytes) != size_bytes;
    if (other_length) {
        return false;
    }
    if (!then.etag.empty() || !now.etag.empty()) {
        return is_strong(then.etag) && then.etag == now.etag;
    }
    return now.length_bytes >= 0 && then.last_modified && then.last_modified == now.last_modified;
}

} // namespace slipway::cache
