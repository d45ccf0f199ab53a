// Version 1 of the format; a supervisor and a command line of different ages meet here.

#include "spawn/machine_record.hh"

#include <algorithm>
#include <array>

#include "base/error.hh"
#include "base/json.hh"
#include "base/quoted.hh"
#include "machine/undo_json.hh"

namespace slipway::spawn {
namespace {

using nlohmann::json;

constexpr int kVersion = 1;
constexpr std::array<std::string_view, 3> kStates{"starting", "running", "stopping"};

json process_to_json(const ProcessId& process) {
    return {{"pid", process.pid}, {"start_time", process.start_time}};
}

ProcessId process_from_json(const json& from) {
    return {from.at("pid").get<pid_t>(), from.at("start_time").get<std::uint64_t>()};
}

RunState find_state(const std::string& text) {
    const auto* state = std::find(kStates.begin(), kStates.end(), text);
    if (state == kStates.end()) {
        throw Error(Kind::Corrupt, "there is no state {}", quoted(text));
    }
    return static_cast<RunState>(state - kStates.begin());
}

MachineRecord read(const json& from) {
    if (from.at("version").get<int>() != kVersion) {
        throw Error(Kind::Corrupt, "a version that is not known");
    }
    MachineRecord record;
    record.name = from.at("name").get<std::string>();
    record.image = from.at("image").get<std::string>();
    record.root = from.at("root").get<std::string>();
    // "nspawn" was the only one that there was.
    if (const auto engine = from.at("engine").get<std::string>(); engine != "nspawn") {
        record.engine = machine::parse_engine(engine);
    }
    if (record.engine == machine::EngineKind::Qemu) {
        record.ssh_port = from.at("ssh_port").get<std::uint16_t>();
        record.kept = from.at("kept").get<std::string>();
        record.ssh_user = from.at("ssh_user").get<std::string>();
        record.machine_class = "vm";
        record.service = "qemu";
    }
    record.supervisor = process_from_json(from.at("supervisor"));
    if (from.contains("leader")) {
        record.leader = process_from_json(from.at("leader"));
    }
    record.state = find_state(from.at("state").get<std::string>());
    record.is_ready = from.at("ready").get<bool>();
    for (const auto& group : from.at("cgroups").get<std::vector<std::string>>()) {
        record.cgroups.emplace_back(group);
    }
    record.undo = machine::undo_from_json(from.at("undo"));
    record.poweroff_signal = from.at("poweroff_signal").get<std::string>();
    record.started_us = from.at("started_us").get<std::int64_t>();
    record.booted_us = from.at("booted_us").get<std::int64_t>();
    return record;
}

} // namespace

std::string_view word(RunState state) noexcept {
    return kStates[static_cast<std::size_t>(state)];
}

std::string record_to_json(const MachineRecord& record) {
    std::vector<std::string> groups;
    for (const std::filesystem::path& group : record.cgroups) {
        groups.push_back(group.string());
    }
    json to{{"version", kVersion},
            {"name", record.name},
            {"image", record.image},
            {"root", record.root.string()},
            {"engine", machine::word(record.engine)},
            {"supervisor", process_to_json(record.supervisor)},
            {"state", word(record.state)},
            {"ready", record.is_ready},
            {"cgroups", groups},
            {"undo", machine::undo_to_json(record.undo)},
            {"poweroff_signal", record.poweroff_signal},
            {"started_us", record.started_us},
            {"booted_us", record.booted_us}};
    if (record.engine == machine::EngineKind::Qemu) {
        to["ssh_port"] = record.ssh_port;
        to["ssh_user"] = record.ssh_user;
        to["kept"] = record.kept.string();
    }
    if (record.leader) {
        to["leader"] = process_to_json(*record.leader);
    }
    return to.dump() + "\n";
}

MachineRecord record_from_json(const std::string& text) {
    try {
        return read(json::parse(text));
    } catch (const json::exception& error) {
        throw Error(Kind::Corrupt, "no state of a machine: {}", escaped(error.what()));
    }
}

} // namespace slipway::spawn
