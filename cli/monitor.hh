// All jobs of the daemon's, as somebody follows them who asked for none of them.

#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cli/daemon.hh"
#include "cli/monitor_view.hh"

namespace slipway::cli {

class Monitor {
public:
    /// Asks what is there.
    /// @param daemon  nobody listens to it yet; borrowed, and so is `view`
    Monitor(Daemon& daemon, MonitorView& view);
    Monitor(const Monitor&) = delete;
    Monitor& operator=(const Monitor&) = delete;

private:
    void ask();
    void hear(std::uint32_t number, const std::string& json);
    void presence(bool there);
    void compare(const Daemon::Jobs& jobs);
    void ask_end(std::uint32_t number);

    Daemon& daemon_;
    MonitorView& view_;
    std::map<std::uint32_t, transfer::JobRecord> jobs_; ///< that live, as far as is known
};

} // namespace slipway::cli
