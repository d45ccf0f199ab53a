// systemd-nspawn, heard on its notify socket and asked through signals to the machine's init.

#pragma once

#include "spawn/engine.hh"
#include "spawn/notify_socket.hh"

namespace slipway::spawn {

class NspawnEngine : public Engine {
public:
    NspawnEngine(const machine::LaunchPlan& plan, const std::filesystem::path& directory);

    ChildProcess start(const MachineConsole& console) override;
    std::vector<int> fds() const override { return {notify_.fd()}; }
    std::optional<Notification> next(const ChildProcess& engine) override {
        return notify_.next(engine.pid());
    }
    bool ask_for_poweroff(const ProcessId& leader, int signal) override;
    void ask_for_reboot(const ProcessId& leader) override;
    bool wants_reboot(const ChildExit& exit) const noexcept override;

private:
    const machine::LaunchPlan& plan_;
    std::filesystem::path notify_path_;
    NotifySocket notify_;
};

} // namespace slipway::spawn
