// Requests as JSON. What comes in is checked member by member: the face may be another version of
// Slipway, or a person with an editor.

#include "transfer/request.hh"

#include <algorithm>
#include <array>
#include <chrono>
#include <concepts>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <sys/random.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::transfer {
namespace {

using Json = nlohmann::json;

constexpr int kProtocol = 1;
constexpr std::array kVerbs{
    Verb::PullTar,  Verb::PullRaw, Verb::ImportTar, Verb::ImportRaw,
    Verb::ImportFs, Verb::Verify,  Verb::Remove,    Verb::Sweep,
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
    if (!request.state.empty() && !request.state.is_absolute()) {
        throw Error(Kind::InvalidArgument, "the request's state is {}; expected an absolute path",
                    quoted(request.state.string()));
    }
    if (is_pull(request.verb) && request.url.empty()) {
        throw Error(Kind::InvalidArgument, "the request names no URL to pull");
    }
    if (request.verb == Verb::Verify && request.url.empty() && request.name.empty()) {
        throw Error(Kind::InvalidArgument,
                    "the request names neither a URL nor an image to verify");
    }
    if (request.verb == Verb::Remove && request.name.empty()) {
        throw Error(Kind::InvalidArgument, "the request names no image to remove");
    }
}

std::string utf8_path(const std::filesystem::path& path) {
    const std::string& text = path.native();
    if (to_utf8(text) != text) {
        throw Error(Kind::InvalidArgument, "the path {} is not UTF-8; a request cannot carry it",
                    quoted(text));
    }
    return text;
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
    case Verb::Remove:
        return "remove";
    case Verb::Sweep:
        return "sweep";
    }
    return "";
}

bool is_pull(Verb verb) noexcept {
    return verb == Verb::PullTar || verb == Verb::PullRaw;
}

bool brings_disk(Verb verb) noexcept {
    return verb == Verb::PullRaw || verb == Verb::ImportRaw;
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
    Json keyrings = Json::array();
    for (const std::filesystem::path& ring : request.keyrings) {
        keyrings.push_back(utf8_path(ring));
    }
    const fetch::Settings& network = request.network;
    const Json object{
        {"protocol", kProtocol},
        {"id", request.id},
        {"job", request.job},
        {"verb", word(request.verb)},
        {"pool", utf8_path(request.pool)},
        {"name", to_utf8(request.name)},
        {"url", to_utf8(request.url)},
        {"path", utf8_path(request.path)},
        {"verify", to_utf8(request.verify)},
        {"checksum_url", to_utf8(request.checksum_url)},
        {"signature_url", to_utf8(request.signature_url)},
        {"state", utf8_path(request.state)},
        {"refuse_stale", request.refuse_stale},
        {"dry_run", request.dry_run},
        {"force", request.force},
        {"read_only", request.read_only},
        {"keyrings", keyrings},
        {"siblings",
         {{"settings", request.siblings.settings},
          {"roothash", request.siblings.roothash},
          {"roothash_signature", request.siblings.roothash_signature},
          {"verity", request.siblings.verity}}},
        {"privileged_xattrs", request.tar.privileged_xattrs},
        {"skip_unsupported_xattrs", request.tar.skip_unsupported_xattrs},
        {"limits",
         {{"size", request.budget.size_bytes},
          {"ratio", request.budget.ratio},
          {"entries", request.budget.entries},
          {"depth", request.budget.depth},
          {"memory", request.memory_bytes}}},
        {"network",
         {{"connect_timeout_ms", network.connect_timeout.count()},
          {"stall_timeout_ms", network.stall_timeout.count()},
          {"stall_bytes", network.stall_bytes},
          {"retry_ms", network.retry.count()},
          {"retries", network.retries},
          {"max_redirects", network.max_redirects},
          {"user_agent", network.user_agent},
          {"ca_file", network.ca_file},
          {"rate_bytes", network.rate_bytes}}},
    };
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
    members.read("pool", request.pool);
    members.read("name", request.name);
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
