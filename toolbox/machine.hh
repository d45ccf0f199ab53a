// What is done to a machine that runs, whoever keeps it: its own supervisor, or the host's systemd.

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "spawn/registry.hh"

namespace slipway::toolbox {

enum class Whom {
    Everything, ///< every process in it
    Leader,     ///< the first one
};

class Machine {
public:
    virtual ~Machine() = default;
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    const spawn::MachineRecord& record() const noexcept { return record_; }

    /// Both ask the machine's first process in the way that it understands, and return at once.
    /// @throws Error NotFound: the machine has ended; Denied
    virtual void power_off() = 0;
    virtual void reboot() = 0;
    /// @throws Error  as above
    virtual void kill(Whom whom, int signal) = 0;
    /// Kills everything in it.
    virtual void terminate() = 0;
    /// Until it has ended, and what was made for it is gone. False after `patience`.
    virtual bool wait_for_end(std::chrono::seconds patience) = 0;
    /// What it has said last: text as it came, unescaped.
    virtual std::string last_output(int lines) const = 0;

protected:
    explicit Machine(spawn::MachineRecord record) : record_(std::move(record)) {}

private:
    spawn::MachineRecord record_;
};

/// The machine of a record that the registry has, or Machined has made.
std::unique_ptr<Machine> open_machine(spawn::MachineRecord record);

} // namespace slipway::toolbox
