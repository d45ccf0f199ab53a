// BootWays in JSON, the same wherever it is said: by slipway-unpack, in an event, to a person's
// program (docs/protocol.md §3).

#pragma once

#include "base/json.hh"
#include "base/quoted.hh"
#include "disk/boot_ways.hh"

namespace slipway::disk {

/// @tparam Json  nlohmann::json or nlohmann::ordered_json
template <typename Json>
Json boot_ways_object(const BootWays& ways) {
    Json object = Json::object();
    object["container"] = ways.container.works;
    object["container_why"] = to_utf8(ways.container.why);
    object["container_reason"] = to_utf8(ways.container.reason);
    object["machine"] = ways.machine.works;
    object["machine_why"] = to_utf8(ways.machine.why);
    object["machine_reason"] = to_utf8(ways.machine.reason);
    object["firmware"] = ways.firmware;
    return object;
}

/// What is missing is empty.
/// @throws nlohmann::json::exception  a member of another type
template <typename Json>
BootWays parse_boot_ways(const Json& object) {
    return {{object.value("container", false), object.value("container_why", ""),
             object.value("container_reason", "")},
            {object.value("machine", false), object.value("machine_why", ""),
             object.value("machine_reason", "")},
            object.value("firmware", std::vector<std::string>())};
}

} // namespace slipway::disk
