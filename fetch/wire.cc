// The JSON of docs/protocol.md §2. Members that are not known are ignored, so that either side may
// be the newer one; a member that is known must have its type.

#include "fetch/wire.hh"

#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "base/url.hh"

namespace slipway::fetch {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

constexpr unsigned kProtocol = 1;

template <typename... Of>
struct Overloaded : Of... {
    using Of::operator()...;
};
template <typename... Of>
Overloaded(Of...) -> Overloaded<Of...>;

// The members of one datagram, each read with its type.
class Members {
public:
    explicit Members(std::string_view text)
        : text_(text), object_(json::parse(text, nullptr, false)) {
        if (!object_.is_object()) {
            fail("expected a JSON object");
        }
    }

    bool has(const char* name) const { return object_.contains(name); }

    std::uint64_t number(const char* name) const {
        const json& value = at(name);
        if (!value.is_number_unsigned()) {
            fail(fmt::format("'{}' is not a whole number", name));
        }
        return value.get<std::uint64_t>();
    }
    std::uint64_t number(const char* name, std::uint64_t missing) const {
        return has(name) ? number(name) : missing;
    }
    std::optional<std::int64_t> find_signed_number(const char* name) const {
        if (!has(name)) {
            return std::nullopt;
        }
        if (!at(name).is_number_integer()) {
            fail(fmt::format("'{}' is not a whole number", name));
        }
        return at(name).get<std::int64_t>();
    }
    milliseconds time(const char* name, milliseconds missing) const {
        constexpr std::uint64_t kYear = 366ULL * 24 * 3600 * 1000;
        const std::uint64_t value = number(name, static_cast<std::uint64_t>(missing.count()));
        if (value > kYear) {
            fail(fmt::format("'{}' is over a year", name));
        }
        return milliseconds(value);
    }
    unsigned count(const char* name, unsigned missing) const {
        constexpr std::uint64_t kMost = 1'000'000;
        const std::uint64_t value = number(name, missing);
        if (value > kMost) {
            fail(fmt::format("'{}' is over {}", name, kMost));
        }
        return static_cast<unsigned>(value);
    }
    std::string text(const char* name) const {
        const json& value = at(name);
        if (!value.is_string()) {
            fail(fmt::format("'{}' is not a string", name));
        }
        return value.get<std::string>();
    }
    std::string text(const char* name, std::string missing) const {
        return has(name) ? text(name) : std::move(missing);
    }
    bool flag(const char* name) const {
        if (has(name) && !at(name).is_boolean()) {
            fail(fmt::format("'{}' is neither true nor false", name));
        }
        return has(name) && at(name).get<bool>();
    }

    [[noreturn]] void fail(std::string_view why) const {
        throw Error(Kind::Internal, "not a message of the fetch protocol: {}; found {}", why,
                    quoted(mask_urls(text_)));
    }

private:
    const json& at(const char* name) const {
        const auto found = object_.find(name);
        if (found == object_.end()) {
            fail(fmt::format("'{}' is missing", name));
        }
        return *found;
    }

    std::string_view text_;
    json object_;
};

Failure failure_of(const Members& members) {
    const auto kind = find_kind(members.text("kind"));
    if (!kind) {
        members.fail("'kind' is not in the table of outcomes");
    }
    return {*kind, relayed(members.text("text"))};
}

Answer answer_of(const Members& members) {
    const std::string word = members.text("answer");
    if (word == "head") {
        return Head{static_cast<int>(members.count("status", 0)),
                    relayed(members.text("url")),
                    members.find_signed_number("length").value_or(-1),
                    members.text("etag", ""),
                    members.find_signed_number("last_modified"),
                    members.text("content_type", ""),
                    members.text("content_encoding", ""),
                    members.flag("open_ended")};
    }
    if (word == "retry") {
        return Retry{members.count("attempt", 0), members.time("delay_ms", milliseconds(0)),
                     relayed(members.text("reason")), members.number("done")};
    }
    if (word == "end") {
        return End{members.number("size")};
    }
    if (word == "status") {
        return Status{static_cast<int>(members.count("status", 0)), relayed(members.text("url")),
                      relayed(members.text("proxy", ""))};
    }
    if (word == "changed") {
        return Changed{relayed(members.text("reason"))};
    }
    if (word == "error") {
        return failure_of(members);
    }
    members.fail("'answer' is none of the protocol's");
}

} // namespace

std::string to_json(const Settings& settings) {
    return json{{"protocol", kProtocol},
                {"connect_timeout_ms", settings.connect_timeout.count()},
                {"stall_timeout_ms", settings.stall_timeout.count()},
                {"stall_bytes", settings.stall_bytes},
                {"retry_ms", settings.retry.count()},
                {"retries", settings.retries},
                {"max_redirects", settings.max_redirects},
                {"user_agent", to_utf8(settings.user_agent)},
                {"ca_file", to_utf8(settings.ca_file)},
                {"rate_bytes", settings.rate_bytes}}
        .dump();
}

std::string to_json(const Request& request) {
    return json{{"id", request.id},
                {"url", to_utf8(request.url)},
                {"limit", request.limit_bytes},
                {"no_cache", request.no_cache},
                {"head_only", request.head_only}}
        .dump();
}

std::string cancel_json(std::uint64_t id) {
    return json{{"cancel", id}}.dump();
}

std::string to_json(std::uint64_t id, const Answer& answer) {
    json object =
        std::visit(Overloaded{
                       [](const Head& head) {
                           json made{{"answer", "head"},
                                     {"status", head.status},
                                     {"url", to_utf8(head.url)},
                                     {"length", head.length_bytes},
                                     {"etag", to_utf8(head.etag)},
                                     {"content_type", to_utf8(head.content_type)},
                                     {"content_encoding", to_utf8(head.content_encoding)},
                                     {"open_ended", head.open_ended}};
                           if (head.last_modified) {
                               made["last_modified"] = *head.last_modified;
                           }
                           return made;
                       },
                       [](const Retry& retry) {
                           return json{{"answer", "retry"},
                                       {"attempt", retry.attempt},
                                       {"delay_ms", retry.delay.count()},
                                       {"reason", to_utf8(retry.reason)},
                                       {"done", retry.done_bytes}};
                       },
                       [](const End& end) {
                           return json{{"answer", "end"}, {"size", end.size_bytes}};
                       },
                       [](const Status& status) {
                           return json{{"answer", "status"},
                                       {"status", status.status},
                                       {"url", to_utf8(status.url)},
                                       {"proxy", to_utf8(status.proxy)}};
                       },
                       [](const Changed& changed) {
                           return json{{"answer", "changed"}, {"reason", to_utf8(changed.reason)}};
                       },
                       [](const Failure& failure) {
                           return json{{"answer", "error"},
                                       {"kind", word(failure.kind)},
                                       {"text", to_utf8(failure.text)}};
                       },
                   },
                   answer);
    object["id"] = id;
    return object.dump();
}

Settings parse_settings(std::string_view text) {
    const Members members(text);
    if (members.number("protocol") != kProtocol) {
        members.fail(fmt::format("expected protocol {}", kProtocol));
    }
    const Settings defaults;
    return {members.time("connect_timeout_ms", defaults.connect_timeout),
            members.time("stall_timeout_ms", defaults.stall_timeout),
            members.number("stall_bytes", defaults.stall_bytes),
            members.time("retry_ms", defaults.retry),
            members.count("retries", defaults.retries),
            members.count("max_redirects", defaults.max_redirects),
            members.text("user_agent", defaults.user_agent),
            members.text("ca_file", ""),
            members.number("rate_bytes", 0)};
}

std::variant<Request, Cancel> parse_request(std::string_view text) {
    const Members members(text);
    if (members.has("cancel")) {
        return Cancel{members.number("cancel")};
    }
    return Request{members.number("id"), members.text("url"), members.number("limit", 0),
                   members.flag("no_cache"), members.flag("head_only")};
}

IdentifiedAnswer parse_answer(std::string_view text) {
    const Members members(text);
    return {members.number("id"), answer_of(members)};
}

} // namespace slipway::fetch
