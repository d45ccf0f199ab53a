// Requests as JSON. What comes in is checked member by member: the face may be another version of
// Slipway, or a person with an editor.

#include "transfer/request.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>
#include <optional>

#include <fmt/ranges.h>
#include <sys/random.h>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

using Json = nlohmann::json;

constexpr int kProtocol = 1;
constexpr std::array kVerbs{
    Verb::PullTar, Verb::PullRaw,     Verb::ImportTar, Verb::ImportRaw, Verb::ImportFs,
    Verb::Verify,  Verb::Clone,       Verb::Rename,    Verb::ReadOnly,  Verb::SetLimit,
    Verb::Inspect, Verb::InspectDisk, Verb::ExportTar, Verb::ExportRaw, Verb::Remove,
    Verb::Clean,   Verb::Sweep,
};

// The longest time that a request may ask for; keeps sums of times far from their limits.
constexpr std::chrono::milliseconds kMaxTime = std::chrono::hours(24);

[[noreturn]] void refuse(std::string_view member, std::string_view expected, const Json& found) {
    throw Error(Kind::InvalidArgument, "the request's '{}' is {}; expected {}", member,
                quoted(found.dump(-1, ' ', false, Json::error_handler_t::replace), 60), expected);
}

// Reads the members of one JSON object; those that are missing keep their default.
class Members {
public:
    explicit Members(const Json& object) : object_(object) {}

    void read(const char* member, std::string& into) const {
        if (const Json* value = find(member)) {
            if (!value->is_string()) {
                refuse(member, "a string", *value);
            }
            into = value->get<std::string>();
        }
    }

    void read(const char* member, std::filesystem::path& into) const {
        std::string text = into.string();
        read(member, text);
        into = text;
    }

    void read(const char* member, storage::ImageClass& into) const {
        std::string text(word(into));
        read(member, text);
        const std::optional<storage::ImageClass> found = storage::find_class(text);
        if (!found) {
            refuse(member, "machine, portable, sysext or confext", Json(text));
        }
        into = *found;
    }

    void read(const char* member, bool& into) const {
        if (const Json* value = find(member)) {
            if (!value->is_boolean()) {
                refuse(member, "true or false", *value);
            }
            into = value->get<bool>();
        }
    }

    template <std::unsigned_integral Number>
    requires(!std::same_as<Number, bool>) void read(const char* member, Number& into) const {
        if (const Json* value = find(member)) {
            if (!value->is_number_unsigned() ||
                value->get<std::uint64_t>() > std::numeric_limits<Number>::max()) {
                refuse(member, "a whole number from 0", *value);
            }
            into = value->get<Number>();
        }
    }

    void read(const char* member, std::chrono::milliseconds& into) const {
        auto count = static_cast<std::uint64_t>(into.count());
        read(member, count);
        into = std::min(std::chrono::milliseconds(std::min<std::uint64_t>(
                            count, static_cast<std::uint64_t>(kMaxTime.count()))),
                        kMaxTime);
    }

    void read(const char* member, std::vector<std::string>& into) const {
        if (const Json* value = find(member)) {
            const auto is_text = [](const Json& entry) { return entry.is_string(); };
            if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_text)) {
                refuse(member, "a list of strings", *value);
            }
            into = value->get<std::vector<std::string>>();
        }
    }

    void read(const char* member, std::vector<std::filesystem::path>& into) const {
        if (const Json* value = find(member)) {
            const auto is_path = [](const Json& entry) {
                return entry.is_string() && entry.get_ref<const std::string&>().starts_with('/');
            };
            if (!value->is_array() || !std::all_of(value->begin(), value->end(), is_path)) {
                refuse(member, "a list of absolute paths", *value);
            }
            into.clear();
            for (const Json& entry : *value) {
                into.emplace_back(entry.get<std::string>());
            }
        }
    }

    /// The object of this name; an empty one when it is missing.
    Members inner(const char* member) const {
        static const Json kNothing = Json::object();
        const Json* value = find(member);
        if (value != nullptr && !value->is_object()) {
            refuse(member, "an object", *value);
        }
        return Members(value != nullptr ? *value : kNothing);
    }

private:
    const Json* find(const char* member) const {
        const auto found = object_.find(member);
        return found == object_.end() ? nullptr : &*found;
    }

    const Json& object_;
};

Json parse_object(std::string_view text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) {
        throw Error(Kind::InvalidArgument,
                    "the request {} is not a JSON object; expected one line of docs/protocol.md §1",
                    quoted(text, 60));
    }
    const auto protocol = object.find("protocol");
    if (protocol == object.end() || *protocol != kProtocol) {
        throw Error(Kind::InvalidArgument,
                    "the request is of protocol {}, this slipway-transfer speaks {}; the programs "
                    "belong to different installations",
                    protocol == object.end() ? "none" : protocol->dump(), kProtocol);
    }
    return object;
}

Verb parse_verb(const std::string& text) {
    const auto found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                    [&text](Verb verb) { return word(verb) == text; });
    if (found == kVerbs.end()) {
        std::vector<std::string_view> words;
        for (const Verb verb : kVerbs) {
            words.push_back(word(verb));
        }
        throw Error(Kind::InvalidArgument, "the request's verb is {}; expected one of {}",
                    quoted(text), fmt::join(words, ", "));
    }
    return *found;
}

void read_limits(const Members& limits, Request& request) {
    limits.read("size", request.budget.size_bytes);
    limits.read("ratio", request.budget.ratio);
    limits.read("entries", request.budget.entries);
    limits.read("depth", request.budget.depth);
    limits.read("memory", request.memory_bytes);
}

void read_siblings(const Members& siblings, SiblingWishes& wishes) {
    siblings.read("settings", wishes.settings);
    siblings.read("roothash", wishes.roothash);
    siblings.read("roothash_signature", wishes.roothash_signature);
    siblings.read("verity", wishes.verity);
}

void read_network(const Members& network, fetch::Settings& settings) {
    network.read("connect_timeout_ms", settings.connect_timeout);
    network.read("stall_timeout_ms", settings.stall_timeout);
    network.read("stall_bytes", settings.stall_bytes);
    network.read("retry_ms", settings.retry);
    network.read("retries", settings.retries);
    network.read("max_redirects", settings.max_redirects);
    network.read("user_agent", settings.user_agent);
    network.read("ca_file", settings.ca_file);
    network.read("rate_bytes", settings.rate_bytes);
}

bool is_id(std::string_view text) {
    return text.size() == 16 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// Of the verbs for images that are there already.
void check_names(const Request& request) {
    constexpr std::array kOfOneImage{Verb::Clone,     Verb::Rename,      Verb::ReadOnly,
                                     Verb::Inspect,   Verb::InspectDisk, Verb::ExportTar,
                                     Verb::ExportRaw, Verb::Remove};
    if (request.name.empty() &&
        std::find(kOfOneImage.begin(), kOfOneImage.end(), request.verb) != kOfOneImage.end()) {
        throw Error(Kind::InvalidArgument, "the request names no image for {}", word(request.verb));
    }
    if (request.new_name.empty() && (request.verb == Verb::Clone || request.verb == Verb::Rename)) {
        throw Error(Kind::InvalidArgument, "the request gives no new name for {}",
                    word(request.verb));
    }
}

void check_absolute(const char* member, const std::filesystem::path& path) {
    if (!path.empty() && !path.is_absolute()) {
        throw Error(Kind::InvalidArgument, "the request's {} is {}; expected an absolute path",
                    member, quoted(path.string()));
    }
}

// What each verb needs, and what every job needs.
void check(const Request& request) {
    if (!is_id(request.id)) {
        throw Error(Kind::InvalidArgument,
                    "the request's id is {}; expected 16 hexadecimal digits in lower case",
                    quoted(request.id));
    }
    if (!request.job.empty() && !is_id(request.job)) {
        throw Error(Kind::InvalidArgument,
                    "the request's job is {}; expected 16 hexadecimal digits in lower case",
                    quoted(request.job));
    }
    if (!request.pool.is_absolute()) {
        throw Error(Kind::InvalidArgument, "the request's pool is {}; expected an absolute path",
                    quoted(request.pool.string()));
    }
    check_absolute("state", request.state);
    check_absolute("cache", request.cache);
    if (is_pull(request.verb) && request.url.empty()) {
        throw Error(Kind::InvalidArgument, "the request names no URL to pull");
    }
    if (request.verb == Verb::Verify && request.url.empty() && request.name.empty()) {
        throw Error(Kind::InvalidArgument,
                    "the request names neither a URL nor an image to verify");
    }
    check_names(request);
}

std::string utf8_path(const std::filesystem::path& path) {
    const std::string& text = path.native();
    if (to_utf8(text) != text) {
        throw Error(Kind::InvalidArgument, "the path {} is not UTF-8; a request cannot carry it",
                    quoted(text));
    }
    return text;
}

Json utf8_paths(const std::vector<std::filesystem::path>& paths) {
    Json list = Json::array();
    for (const std::filesystem::path& path : paths) {
        list.push_back(utf8_path(path));
    }
    return list;
}

} // namespace

std::string_view word(Verb verb) noexcept {
    switch (verb) {
    case Verb::PullTar:
        return "pull-tar";
    case Verb::PullRaw:
        return "pull-raw";
    case Verb::ImportTar:
        return "import-tar";
    case Verb::ImportRaw:
        return "import-raw";
    case Verb::ImportFs:
        return "import-fs";
    case Verb::Verify:
        return "verify";
    case Verb::Clone:
        return "clone";
    case Verb::Rename:
        return "rename";
    case Verb::ReadOnly:
        return "read-only";
    case Verb::SetLimit:
        return "set-limit";
    case Verb::Inspect:
        return "inspect";
    case Verb::InspectDisk:
        return "inspect-disk";
    case Verb::ExportTar:
        return "export-tar";
    case Verb::ExportRaw:
        return "export-raw";
    case Verb::Remove:
        return "remove";
    case Verb::Clean:
        return "clean";
    case Verb::Sweep:
        return "sweep";
    }
    return "";
}

bool is_pull(Verb verb) noexcept {
    return verb == Verb::PullTar || verb == Verb::PullRaw;
}

bool is_import(Verb verb) noexcept {
    return verb == Verb::ImportTar || verb == Verb::ImportRaw || verb == Verb::ImportFs;
}

bool brings_disk(Verb verb) noexcept {
    return verb == Verb::PullRaw || verb == Verb::ImportRaw || verb == Verb::ExportRaw;
}

bool is_export(Verb verb) noexcept {
    return verb == Verb::ExportTar || verb == Verb::ExportRaw;
}

bool is_about_stored(Verb verb) noexcept {
    return verb > Verb::ImportFs;
}

const std::string& job_id(const Request& request) noexcept {
    return request.job.empty() ? request.id : request.job;
}

std::string make_id() {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof number, 0) != sizeof number) {
        throw errno_error("cannot get random bytes for the job's id");
    }
    return fmt::format("{:016x}", number);
}

std::string to_json(const Request& request) {
    // Member by member: an initialiser of this size takes the compiler half a minute.
    const fetch::Settings& network = request.network;
    Json object = Json::object();
    object["protocol"] = kProtocol;
    object["id"] = request.id;
    object["job"] = request.job;
    object["verb"] = word(request.verb);
    object["class"] = word(request.image_class);
    object["pool"] = utf8_path(request.pool);
    object["search"] = utf8_paths(request.search);
    object["name"] = to_utf8(request.name);
    object["new_name"] = to_utf8(request.new_name);
    object["names"] = request.names;
    object["url"] = to_utf8(request.url);
    object["path"] = utf8_path(request.path);
    object["verify"] = to_utf8(request.verify);
    object["checksum_url"] = to_utf8(request.checksum_url);
    object["signature_url"] = to_utf8(request.signature_url);
    object["state"] = utf8_path(request.state);
    object["refuse_stale"] = request.refuse_stale;
    object["dry_run"] = request.dry_run;
    object["force"] = request.force;
    object["read_only"] = request.read_only;
    object["fresh"] = request.fresh;
    object["all"] = request.all;
    object["limit_bytes"] = request.limit_bytes;
    object["enable_quota"] = request.enable_quota;
    object["format"] = request.format;
    object["level"] = request.level;
    object["checksum"] = request.checksum;
    object["cache"] = utf8_path(request.cache);
    object["cache_size_bytes"] = request.cache_size_bytes;
    object["cache_age_s"] = request.cache_age_s;
    object["keep_download"] = request.keep_download;
    object["offline"] = request.offline;
    object["keyrings"] = utf8_paths(request.keyrings);
    Json& siblings = object["siblings"];
    siblings["settings"] = request.siblings.settings;
    siblings["roothash"] = request.siblings.roothash;
    siblings["roothash_signature"] = request.siblings.roothash_signature;
    siblings["verity"] = request.siblings.verity;
    object["privileged_xattrs"] = request.tar.privileged_xattrs;
    object["skip_unsupported_xattrs"] = request.tar.skip_unsupported_xattrs;
    Json& limits = object["limits"];
    limits["size"] = request.budget.size_bytes;
    limits["ratio"] = request.budget.ratio;
    limits["entries"] = request.budget.entries;
    limits["depth"] = request.budget.depth;
    limits["memory"] = request.memory_bytes;
    Json& net = object["network"];
    net["connect_timeout_ms"] = network.connect_timeout.count();
    net["stall_timeout_ms"] = network.stall_timeout.count();
    net["stall_bytes"] = network.stall_bytes;
    net["retry_ms"] = network.retry.count();
    net["retries"] = network.retries;
    net["max_redirects"] = network.max_redirects;
    net["user_agent"] = network.user_agent;
    net["ca_file"] = network.ca_file;
    net["rate_bytes"] = network.rate_bytes;
    return object.dump();
}

Request parse_request(std::string_view json) {
    const Json object = parse_object(json);
    const Members members(object);
    Request request;
    std::string verb;
    members.read("verb", verb);
    request.verb = parse_verb(verb);
    members.read("id", request.id);
    members.read("job", request.job);
    members.read("class", request.image_class);
    members.read("pool", request.pool);
    members.read("search", request.search);
    members.read("name", request.name);
    members.read("new_name", request.new_name);
    members.read("names", request.names);
    members.read("url", request.url);
    members.read("path", request.path);
    members.read("verify", request.verify);
    members.read("checksum_url", request.checksum_url);
    members.read("signature_url", request.signature_url);
    members.read("state", request.state);
    members.read("refuse_stale", request.refuse_stale);
    members.read("dry_run", request.dry_run);
    members.read("force", request.force);
    members.read("read_only", request.read_only);
    members.read("fresh", request.fresh);
    members.read("all", request.all);
    members.read("limit_bytes", request.limit_bytes);
    members.read("enable_quota", request.enable_quota);
    members.read("format", request.format);
    members.read("level", request.level);
    members.read("checksum", request.checksum);
    members.read("cache", request.cache);
    members.read("cache_size_bytes", request.cache_size_bytes);
    members.read("cache_age_s", request.cache_age_s);
    members.read("keep_download", request.keep_download);
    members.read("offline", request.offline);
    members.read("keyrings", request.keyrings);
    members.read("privileged_xattrs", request.tar.privileged_xattrs);
    members.read("skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs);
    read_siblings(members.inner("siblings"), request.siblings);
    read_limits(members.inner("limits"), request);
    read_network(members.inner("network"), request.network);
    check(request);
    return request;
}

} // namespace slipway::transfer
