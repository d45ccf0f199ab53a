// The lines are documented in docs/protocol.md.

#include "spawn/launch_event.hh"

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

using nlohmann::json;

json to_json(const Running& running) {
    return {{"event", "running"}, {"leader", running.leader}};
}
json to_json(const Ready& /*ready*/) {
    return {{"event", "ready"}};
}
json to_json(const Failed& failed) {
    return {{"event", "failed"}, {"kind", word(failed.kind)}, {"text", to_utf8(failed.text)}};
}
json to_json(const Ended& ended) {
    return {
        {"event", "ended"}, {"status", ended.status}, {"last_words", to_utf8(ended.last_words)}};
}

LaunchEvent read(const json& from) {
    const auto event = from.at("event").get<std::string>();
    if (event == "running") {
        return Running{from.at("leader").get<pid_t>()};
    }
    if (event == "ready") {
        return Ready{};
    }
    if (event == "ended") {
        return Ended{from.at("status").get<int>(), from.at("last_words").get<std::string>()};
    }
    return Failed{find_kind(from.at("kind").get<std::string>()).value_or(Kind::Other),
                  from.at("text").get<std::string>()};
}

} // namespace

std::string event_to_json(const LaunchEvent& event) {
    return std::visit([](const auto& one) { return to_json(one).dump(); }, event);
}

LaunchEvent event_from_json(const std::string& line) {
    try {
        return read(json::parse(line));
    } catch (const json::exception&) {
        throw Error(Kind::Internal, "slipway-supervise said {}", quoted(line));
    }
}

} // namespace slipway::spawn
