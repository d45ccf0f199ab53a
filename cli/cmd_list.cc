// slipway list

#include <fmt/format.h>

#include "base/error.hh"
#include "base/json.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "cli/text_table.hh"
#include "spawn/guest_facts.hh"

namespace slipway::cli {
namespace {

struct MachineRow {
    spawn::MachineRecord record;
    spawn::GuestSystem system;
    std::vector<std::string> addresses;
};

MachineRow make_row(const spawn::MachineRecord& record) {
    MachineRow row{.record = record, .system = {}, .addresses = {}};
    try {
        const spawn::Guest guest(record);
        row.system = spawn::system_of(guest);
        row.addresses = spawn::addresses_of(guest);
    } catch (const Error&) {
        // It is between two boots, or has just ended: the record is all there is.
    }
    return row;
}

std::string or_dash(const std::string& text) {
    return text.empty() ? "-" : text;
}

std::string table(const std::vector<MachineRow>& machines, const Options& options,
                  const Console& console) {
    std::vector<Row> rows;
    for (const MachineRow& machine : machines) {
        rows.push_back({machine.record.name, machine.record.machine_class,
                        or_dash(machine.record.service), or_dash(machine.system.id),
                        or_dash(machine.system.version),
                        machine.addresses.empty() ? "-" : machine.addresses.front()});
    }
    if (rows.empty()) {
        return options.legend ? "No machines.\n" : "";
    }
    std::string text = text_table({"MACHINE", "CLASS", "SERVICE", "OS", "VERSION", "ADDRESSES"},
                                  rows, {options.legend, console.out_is_terminal});
    return options.legend ? text + fmt::format("\n{} machines listed.\n", rows.size()) : text;
}

std::string json(const std::vector<MachineRow>& machines, bool pretty) {
    nlohmann::json list = nlohmann::json::array();
    for (const MachineRow& machine : machines) {
        list.push_back({{"machine", machine.record.name},
                        {"class", machine.record.machine_class},
                        {"service", machine.record.service},
                        {"state", spawn::word(machine.record.state)},
                        {"image", machine.record.image},
                        {"os", machine.system.id},
                        {"version", machine.system.version},
                        {"addresses", machine.addresses}});
    }
    return list.dump(pretty ? 4 : -1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

} // namespace

int cmd_list(const Invocation& asked, Console& console) {
    std::vector<MachineRow> machines;
    for (const spawn::MachineRecord& record : list_machines(open_machines(console))) {
        machines.push_back(make_row(record));
    }
    const Options& options = asked.options;
    print_result(console, options.json != JsonForm::Off
                              ? json(machines, pretty_json(options, console))
                              : table(machines, options, console));
    return 0;
}

} // namespace slipway::cli
