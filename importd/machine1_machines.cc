// Machines that run under slipway-supervise, as the registry has them: it lies in memory, so that a
// handler may read it. What the machines themselves say is asked of another program.

#include <algorithm>
#include <array>
#include <csignal>
#include <ctime>
#include <fstream>

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "importd/machine1.hh"
#include "importd/machine1_error.hh"
#include "importd/machine1_interface.hh"
#include "importd/machine1_path.hh"
#include "spawn/cgroup.hh"
#include "toolbox/machine.hh"

namespace slipway::importd {
namespace {

using spawn::MachineRecord;
using spawn::RunState;
using Address = bus::Struct<std::int32_t, std::vector<std::uint8_t>>;

std::uint64_t clock_us(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

// The same moment on the clock that begins with the host's boot.
std::uint64_t monotonic_us(std::uint64_t realtime_us) {
    const std::uint64_t age_us = clock_us(CLOCK_REALTIME) - realtime_us;
    return clock_us(CLOCK_MONOTONIC) - std::min(age_us, clock_us(CLOCK_MONOTONIC));
}

std::string state_word(RunState state) {
    return state == RunState::Running    ? "running"
           : state == RunState::Starting ? "opening"
                                         : "closing";
}

// Ends of its links that are on the host.
std::vector<std::int32_t> interfaces_of(const MachineRecord& machine) {
    std::vector<std::int32_t> all;
    for (const machine::Undo& step : machine.undo) {
        const unsigned index =
            step.kind == machine::Undo::Kind::RemoveLink ? ::if_nametoindex(step.what.c_str()) : 0;
        if (index != 0) {
            all.push_back(static_cast<std::int32_t>(index));
        }
    }
    return all;
}

// In the order of machine1_machine(). Nobody has told us the machine's id.
bus::Properties machine_properties(const MachineRecord& machine) {
    const auto since =
        static_cast<std::uint64_t>(machine.booted_us != 0 ? machine.booted_us : machine.started_us);
    const std::uint32_t leader =
        machine.leader ? static_cast<std::uint32_t>(machine.leader->pid) : 0;
    return {
        {"Name", bus::Variant(machine.name)},
        {"Id", bus::Variant(std::vector<std::uint8_t>())},
        {"Timestamp", bus::Variant(since)},
        {"TimestampMonotonic", bus::Variant(monotonic_us(since))},
        {"Service", bus::Variant(machine.service)},
        {"Unit", bus::Variant(machine.unit)},
        {"Leader", bus::Variant(leader)},
        {"Class", bus::Variant(machine.machine_class)},
        {"RootDirectory", bus::Variant(bus::bus_text(machine.root.string()))},
        {"NetworkInterfaces", bus::Variant(interfaces_of(machine))},
        {"State", bus::Variant(state_word(machine.state))},
    };
}

std::vector<Address> addresses_of(const MachineLook& look) {
    std::vector<Address> all;
    for (const std::string& text : look.addresses) {
        const int family = text.find(':') == text.npos ? AF_INET : AF_INET6;
        std::vector<std::uint8_t> bytes(family == AF_INET ? 4 : 16);
        if (::inet_pton(family, text.c_str(), bytes.data()) == 1) {
            all.emplace_back(family, bytes);
        }
    }
    return all;
}

bool holds(const MachineRecord& machine, pid_t process) {
    return std::any_of(machine.cgroups.begin(), machine.cgroups.end(), [process](const auto& at) {
        return !spawn::find_cgroup(at / "payload", process).empty();
    });
}

toolbox::Whom whom_of(const std::string& word) {
    if (word != "leader" && word != "all" && !word.empty()) {
        throw Error(Kind::InvalidArgument, "Invalid kill parameter {}.", quoted(word));
    }
    return word == "leader" ? toolbox::Whom::Leader : toolbox::Whom::Everything;
}

} // namespace

void Machine1::list_machines(const bus::Call& call) {
    std::vector<bus::Struct<std::string, std::string, std::string, bus::ObjectPath>> list;
    for (const MachineRecord& machine : machines_.list()) {
        list.emplace_back(machine.name, machine.machine_class, machine.service,
                          bus::ObjectPath(machine_path(machine.name)));
    }
    call.answer(list);
}

void Machine1::list_machine_children(const bus::Call& call) {
    std::vector<std::string> children;
    for (const MachineRecord& machine : machines_.list()) {
        children.push_back(escape_label(machine.name));
    }
    call.answer(bus::introspection({}, children));
}

void Machine1::get_machine(const bus::Call& call) {
    const auto [name] = call.read<std::string>();
    with_machine(call, name,
                 [&](const MachineRecord&) { call.answer(bus::ObjectPath(machine_path(name))); });
}

void Machine1::get_machine_by_pid(const bus::Call& call) {
    const auto [number] = call.read<std::uint32_t>();
    for (const MachineRecord& machine : machines_.list()) {
        if (holds(machine, static_cast<pid_t>(number))) {
            call.answer(bus::ObjectPath(machine_path(machine.name)));
            return;
        }
    }
    call.fail({"org.freedesktop.machine1.NoMachineForPID",
               fmt::format("PID {} does not belong to any known machine", number)});
}

void Machine1::with_machine(const bus::Call& call, const std::string& name,
                            const std::function<void(const MachineRecord&)>& found) {
    if (const std::optional<MachineRecord> machine = machines_.find(name)) {
        found(*machine);
    } else if (call.path() == kMachine1Path) {
        call.fail(no_such_machine(name));
    } else {
        call.fail({"org.freedesktop.DBus.Error.UnknownObject",
                   fmt::format("Unknown object '{}'.", call.path())});
    }
}

void Machine1::machine_properties_of(const bus::Call& call, const std::string& name) {
    read_properties(call, {&machine1_machine()},
                    [this, call, name](const bus::InterfaceSpec&, const Told& told) {
                        with_machine(call, name, [&told](const MachineRecord& machine) {
                            told(machine_properties(machine));
                        });
                    });
}

void Machine1::look_at(const bus::Call& call, const std::string& name, LookAnswer answer) {
    with_machine(call, name, [&](const MachineRecord&) {
        look_(name, std::move(answer), [call](const std::exception_ptr& error) {
            call.fail(machine1_failure(jobs::Refusal{error}));
        });
    });
}

void Machine1::get_machine_addresses(const bus::Call& call, const std::string& name) {
    look_at(call, name, [call](const MachineLook& look) { call.answer(addresses_of(look)); });
}

void Machine1::get_machine_os_release(const bus::Call& call, const std::string& name) {
    look_at(call, name, [call](const MachineLook& look) { call.answer(look.os_release); });
}

// The number that root of the machine has on the host.
void Machine1::get_machine_uid_shift(const bus::Call& call, const std::string& name) {
    with_machine(call, name, [&](const MachineRecord& machine) {
        std::uint32_t inside = 0;
        std::uint32_t outside = 0;
        std::ifstream map(
            fmt::format("/proc/{}/uid_map", machine.leader ? machine.leader->pid : 0));
        if (!(map >> inside >> outside) || inside != 0) {
            throw Error(Kind::Unsupported, "machine {} has no range of users of its own",
                        quoted(name));
        }
        call.answer(outside);
    });
}

void Machine1::kill_machine(const bus::Call& call, const std::string& name) {
    const auto [who, signal] = call.read<std::string, std::int32_t>();
    if (signal <= 0 || signal > SIGRTMAX) {
        throw Error(Kind::InvalidArgument, "Invalid signal {}", signal);
    }
    act_on(call, name, "kill", [whom = whom_of(who), signal = signal](toolbox::Machine& machine) {
        machine.kill(whom, signal);
    });
}

void Machine1::terminate_machine(const bus::Call& call, const std::string& name) {
    act_on(call, name, "terminate", [](toolbox::Machine& machine) { machine.terminate(); });
}

// Who was allowed to may have waited for long: the machine is looked up again.
void Machine1::act_on(const bus::Call& call, const std::string& name, const std::string& verb,
                      std::function<void(toolbox::Machine&)> act) {
    with_machine(call, name, [&](const MachineRecord&) {
        authorization_.ask(
            call, {.action = kActionManageMachines, .details = {{"machine", name}, {"verb", verb}}},
            [this, call, name, act = std::move(act)](const Caller& /*caller*/) {
                with_machine(call, name, [&](const MachineRecord& machine) {
                    try {
                        act(*toolbox::open_machine(machine));
                        call.answer();
                    } catch (const Error& error) {
                        if (error.kind() != Kind::NotFound) {
                            throw;
                        }
                        call.fail(no_such_machine(name)); // it has just ended
                    }
                });
            },
            [call](const Denial& denial) { call.fail(machine1_failure(denial)); });
    });
}

// What machined does inside of machines is done by our own command line alone.
void Machine1::refuse_machine(const bus::Call& call) {
    const std::string member = call.member();
    if (member.starts_with("Create") || member.starts_with("Register")) {
        throw Error(Kind::Unsupported,
                    "slipway-importd takes no machines of others; systemd-machined does");
    }
    if (!call.signature().starts_with('s')) {
        call.fail({"org.freedesktop.machine1.NoSuchUserMapping",
                   fmt::format("No matching user mapping for {}.",
                               std::get<0>(call.read<std::uint32_t>()))});
        return;
    }
    const auto [name] = call.read<std::string>();
    with_machine(call, name, [&](const MachineRecord&) {
        throw Error(Kind::Unsupported,
                    "slipway-importd does not {} for machine {}; 'slipway help' shows the verbs "
                    "that enter machines",
                    member, quoted(name));
    });
}

} // namespace slipway::importd
