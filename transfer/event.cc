// Events as JSON. Texts come from our own programs and are quoted already; bytes that are not UTF-8
// are written \xHH, since a JSON string cannot hold them.

#include "transfer/event.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "disk/boot_ways_json.hh"

namespace slipway::transfer {
namespace {

using Json = nlohmann::json;

constexpr int kProtocol = 1;

constexpr std::array<std::pair<LogLevel, std::string_view>, 4> kLevels{{
    {LogLevel::Debug, "debug"},
    {LogLevel::Info, "info"},
    {LogLevel::Notice, "notice"},
    {LogLevel::Warning, "warning"},
}};

constexpr std::array<std::pair<Outcome, std::string_view>, 3> kOutcomes{{
    {Outcome::Done, "done"},
    {Outcome::Failed, "failed"},
    {Outcome::Canceled, "canceled"},
}};

template <typename Table, typename Value>
std::string_view word_of(const Table& table, Value value) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [value](const auto& row) { return row.first == value; });
    return found == table.end() ? "" : found->second;
}

template <typename Table>
auto value_of(const Table& table, std::string_view text) {
    const auto found = std::find_if(table.begin(), table.end(),
                                    [text](const auto& row) { return row.second == text; });
    if (found == table.end()) {
        throw Error(Kind::Internal, "an event holds the unknown word {}", quoted(text));
    }
    return found->first;
}

Json texts(const std::map<std::string, std::string>& values) {
    Json object = Json::object();
    for (const auto& [name, value] : values) {
        object[to_utf8(name)] = to_utf8(value);
    }
    return object;
}

Json object_of(const Started& event) {
    return {{"event", "start"},
            {"protocol", kProtocol},
            {"id", to_utf8(event.id)},
            {"pid", event.pid},
            {"verb", to_utf8(event.verb)},
            {"name", to_utf8(event.name)},
            {"source", to_utf8(event.source)}};
}

Json object_of(const StageEntered& event) {
    return {{"event", "stage"}, {"stage", to_utf8(event.stage)}};
}

Json object_of(const Progress& event) {
    Json object{{"event", "progress"},      {"stage", to_utf8(event.stage)},
                {"done", event.done_bytes}, {"total", event.total_bytes},
                {"rate", event.rate},       {"unpacked", event.unpacked_bytes}};
    if (event.entries) {
        object["entries"] = *event.entries;
    }
    return object;
}

Json object_of(const LogLine& event) {
    return {
        {"event", "log"}, {"level", word_of(kLevels, event.level)}, {"text", to_utf8(event.text)}};
}

Json object_of(const ProofSeen& event) {
    return {{"event", "proof"},
            {"name", to_utf8(event.name)},
            {"status", event.status},
            {"text", to_utf8(event.text)}};
}

Json object_of(const VerdictReached& event) {
    return {{"event", "verdict"},
            {"word", to_utf8(event.word)},
            {"text", to_utf8(event.text)},
            {"key", to_utf8(event.key)},
            {"algorithm", to_utf8(event.algorithm)},
            {"digest", to_utf8(event.digest)}};
}

Json object_of(const Inspected& event) {
    Json object = Json::object();
    object["event"] = "inspected";
    object["host_name"] = to_utf8(event.host_name);
    object["machine_id"] = to_utf8(event.machine_id);
    object["machine_info"] = texts(event.machine_info);
    object["os_release"] = texts(event.os_release);
    return object;
}

Json object_of(const DiskInspected& event) {
    Json object = disk::boot_ways_object<Json>(event.boots);
    object["event"] = "disk-inspected";
    return object;
}

Json object_of(const Cleaned& event) {
    Json object{{"event", "cleaned"}, {"name", to_utf8(event.name)}};
    if (event.freed_bytes) {
        object["freed"] = *event.freed_bytes;
    }
    return object;
}

Json object_of(const Ended& event) {
    Json object{{"event", "end"},
                {"outcome", word_of(kOutcomes, event.outcome)},
                {"status", event.status},
                {"text", to_utf8(event.text)}};
    const std::array<std::pair<const char*, const std::string*>, 6> optional{{
        {"kind", &event.kind},
        {"verdict", &event.verdict},
        {"name", &event.name},
        {"path", &event.path},
        {"type", &event.type},
        {"digest", &event.digest},
    }};
    for (const auto& [member, value] : optional) {
        if (!value->empty()) {
            object[member] = to_utf8(*value);
        }
    }
    for (const std::string& name : event.siblings) {
        object["siblings"].push_back(to_utf8(name));
    }
    if (event.size_bytes) {
        object["size"] = *event.size_bytes;
    }
    return object;
}

std::string text(const Json& object, const char* member) {
    return object.value(member, std::string());
}

Progress parse_progress(const Json& object) {
    const auto number = [&object](const char* member) {
        return object.value(member, std::uint64_t{0});
    };
    Progress progress{text(object, "stage"), number("done"), number("total"),
                      number("rate"),        std::nullopt,   number("unpacked")};
    if (object.contains("entries")) {
        progress.entries = number("entries");
    }
    return progress;
}

std::optional<std::uint64_t> number_if(const Json& object, const char* member) {
    const auto found = object.find(member);
    return found == object.end() ? std::nullopt : std::optional(found->get<std::uint64_t>());
}

Inspected parse_inspected(const Json& object) {
    using Texts = std::map<std::string, std::string>;
    return {text(object, "host_name"), text(object, "machine_id"),
            object.value("machine_info", Texts()), object.value("os_release", Texts())};
}

Ended parse_end(const Json& object) {
    return {value_of(kOutcomes, text(object, "outcome")),
            object.at("status").get<int>(),
            text(object, "kind"),
            text(object, "verdict"),
            text(object, "text"),
            text(object, "name"),
            text(object, "path"),
            text(object, "type"),
            text(object, "digest"),
            object.value("siblings", std::vector<std::string>()),
            number_if(object, "size")};
}

Event parse_object(const Json& object) {
    const std::string event = object.at("event").get<std::string>();
    if (event == "start") {
        if (object.value("protocol", 0) != kProtocol) {
            throw Error(Kind::Internal,
                        "slipway-transfer speaks another protocol than {}; the "
                        "programs belong to different installations",
                        kProtocol);
        }
        return Started{text(object, "id"), text(object, "verb"), text(object, "name"),
                       text(object, "source"), object.value("pid", std::int32_t{0})};
    }
    if (event == "stage") {
        return StageEntered{text(object, "stage")};
    }
    if (event == "progress") {
        return parse_progress(object);
    }
    if (event == "log") {
        return LogLine{value_of(kLevels, text(object, "level")), text(object, "text")};
    }
    if (event == "proof") {
        return ProofSeen{text(object, "name"), object.value("status", 0), text(object, "text")};
    }
    if (event == "verdict") {
        return VerdictReached{text(object, "word"), text(object, "text"), text(object, "key"),
                              text(object, "algorithm"), text(object, "digest")};
    }
    if (event == "inspected") {
        return parse_inspected(object);
    }
    if (event == "disk-inspected") {
        return DiskInspected{disk::parse_boot_ways(object)};
    }
    if (event == "cleaned") {
        return Cleaned{text(object, "name"), number_if(object, "freed")};
    }
    if (event == "end") {
        return parse_end(object);
    }
    throw Error(Kind::Internal, "the event {} is unknown", quoted(event));
}

} // namespace

std::string to_json(const Event& event) {
    return std::visit([](const auto& value) { return object_of(value); }, event).dump();
}

Event parse_event(std::string_view json) {
    try {
        return parse_object(Json::parse(json));
    } catch (const Json::exception&) {
        throw Error(Kind::Internal, "slipway-transfer said {}, which is not an event",
                    quoted(json, 100));
    }
}

} // namespace slipway::transfer
