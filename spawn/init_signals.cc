// systemd(1), "Signals"; busybox init/init.c; sysvinit init(8). systemd-nspawn's own stub of an
// init, for commands, follows systemd.

#include "spawn/init_signals.hh"

#include <csignal>
#include <filesystem>

#include "base/error.hh"
#include "spawn/signal_name.hh"

namespace slipway::spawn {
namespace {

InitSignals own_signals(std::string_view program) {
    if (program == "busybox") {
        return {.poweroff = SIGUSR2, .reboot = SIGTERM};
    }
    if (program == "init") { // sysvinit: what a UPS would send; reboot as C-A-Del
        return {.poweroff = SIGPWR, .reboot = SIGINT};
    }
    return {.poweroff = SIGRTMIN + 4, .reboot = SIGINT};
}

} // namespace

InitSignals init_signals(std::string_view program, std::string_view poweroff_signal) {
    InitSignals signals = own_signals(program);
    if (!poweroff_signal.empty()) {
        signals.poweroff = parse_signal(poweroff_signal);
    }
    return signals;
}

std::string program_of(const ProcessId& process) {
    std::error_code error;
    const auto path =
        std::filesystem::read_symlink(fmt::format("/proc/{}/exe", process.pid), error);
    return error ? "" : path.filename().string();
}

} // namespace slipway::spawn
