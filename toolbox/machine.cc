// Under our own supervisor SIGTERM to that one means poweroff; under systemd the machine is asked
// through machined, which asks who may.

#include "toolbox/machine.hh"

#include <csignal>
#include <fstream>
#include <iterator>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/wait.hh"
#include "spawn/cgroup.hh"
#include "spawn/init_signals.hh"
#include "toolbox/journal.hh"
#include "toolbox/machined.hh"
#include "toolbox/service_manager.hh"
#include "toolbox/unit_leftovers.hh"

namespace slipway::toolbox {
namespace {

const spawn::ProcessId& leader_of(const spawn::MachineRecord& record) {
    if (!record.leader) {
        throw Error(Kind::NotFound,
                    "machine {} has no first process: it is between two boots, or "
                    "has just ended",
                    quoted(record.name));
    }
    return *record.leader;
}

spawn::InitSignals signals_of(const spawn::MachineRecord& record) {
    return spawn::init_signals(spawn::program_of(leader_of(record)), record.poweroff_signal);
}

class SupervisedMachine : public Machine {
public:
    explicit SupervisedMachine(spawn::MachineRecord record) : Machine(std::move(record)) {}

    void power_off() override { spawn::signal_process(record().supervisor, SIGTERM); }

    void reboot() override { spawn::signal_process(record().supervisor, spawn::kRebootSignal); }

    // The engine is in the group, too, in a part of its own: it is none of the machine's processes.
    // All hierarchies hold the same ones.
    void kill(Whom whom, int signal) override {
        if (whom == Whom::Leader || record().engine == machine::EngineKind::Qemu) {
            spawn::signal_process(leader_of(record()), signal);
            return;
        }
        for (const pid_t pid : spawn::processes_of(record().cgroups.front() / "payload")) {
            if (const auto process = spawn::find_process(pid)) {
                spawn::signal_process(*process, signal);
            }
        }
    }

    void terminate() override {
        for (const std::filesystem::path& group : record().cgroups) {
            spawn::kill_cgroup(group);
        }
    }

    bool wait_for_end(std::chrono::seconds patience) override {
        const Fd supervisor = spawn::open_process(record().supervisor);
        return !supervisor ||
               wait_for(supervisor.get(), POLLIN, {}, std::chrono::steady_clock::now() + patience);
    }

    std::string last_output(int /*lines*/) const override {
        std::ifstream file(spawn::Registry().directory_of(record().name) / "console",
                           std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

class UnitMachine : public Machine {
public:
    explicit UnitMachine(spawn::MachineRecord record)
        : Machine(std::move(record)), machined_(Machined::find()) {
        if (!machined_) {
            throw Error(Kind::NotFound, "machine {} has ended: systemd-machined is gone",
                        quoted(this->record().name));
        }
    }

    void power_off() override { tell_leader(signals_of(record()).poweroff); }
    void reboot() override { tell_leader(signals_of(record()).reboot); }
    void kill(Whom whom, int signal) override {
        machined_->kill(record().name, whom == Whom::Leader ? "leader" : "all", signal);
    }

    // machined stops the unit, so that it is not started again; that alone asks the first process,
    // which may listen to nobody.
    void terminate() override {
        machined_->terminate(record().name);
        if (record().leader) {
            spawn::signal_process(*record().leader, SIGKILL);
        }
    }

    bool wait_for_end(std::chrono::seconds patience) override {
        ServiceManager systemd;
        return systemd.wait_until(
            [&] {
                return systemd.is_gone(record().unit) &&
                       systemd.is_gone(leftovers_unit(record().name));
            },
            std::chrono::steady_clock::now() + patience);
    }

    std::string last_output(int lines) const override {
        return last_journal_lines(record().unit, lines);
    }

private:
    void tell_leader(int signal) { machined_->kill(record().name, "leader", signal); }

    std::unique_ptr<Machined> machined_;
};

} // namespace

std::unique_ptr<Machine> open_machine(spawn::MachineRecord record) {
    if (record.engine == machine::EngineKind::NspawnUnit) {
        return std::make_unique<UnitMachine>(std::move(record));
    }
    return std::make_unique<SupervisedMachine>(std::move(record));
}

} // namespace slipway::toolbox
