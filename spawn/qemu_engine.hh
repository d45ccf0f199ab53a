// A virtual machine: qemu, asked over QMP, and heard on a port of the guest's.

#pragma once

#include <string>

#include "spawn/engine.hh"
#include "spawn/qmp.hh"

namespace slipway::spawn {

class QemuEngine : public Engine {
public:
    explicit QemuEngine(const machine::LaunchPlan& plan) : plan_(plan) {}

    ChildProcess start(const MachineConsole& console) override;
    std::vector<int> fds() const override;
    std::optional<Notification> next(const ChildProcess& engine) override;
    bool ask_for_poweroff(const ProcessId& leader, int signal) override;
    void ask_for_reboot(const ProcessId& leader) override;
    // It boots again by itself.
    bool wants_reboot(const ChildExit& /*exit*/) const noexcept override { return false; }

private:
    std::optional<Notification> take(const QmpMessage& message, pid_t engine);
    bool hear_ready();
    void forward_ssh();

    const machine::LaunchPlan& plan_;
    std::optional<Qmp> qmp_;
    Fd ready_; ///< our end of the guest's port
    std::uint16_t ssh_port_ = 0;
    int forward_attempts_ = 0;
    std::string heard_; ///< there, of the line that is not over
};

} // namespace slipway::spawn
