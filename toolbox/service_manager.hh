// The host's systemd, over the system bus (org.freedesktop.systemd1(5)). One call at a time, by
// programs that have nothing else to do; a person behind the program may be asked for a password.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bus.hh"
#include "base/wait.hh"
#include "toolbox/unit_property.hh"

namespace slipway::toolbox {

/// A unit that is made to be started.
struct TransientUnit {
    std::string name;
    std::vector<UnitProperty> properties;
};

/// A link that enabling a unit has made, or disabling removed.
struct UnitFileChange {
    std::string type; ///< "symlink", "unlink"
    std::string file;
    std::string target; ///< of the link
};

class ServiceManager {
public:
    /// @throws Error NotFound: there is no system bus; as it answers
    ServiceManager();
    ServiceManager(const ServiceManager&) = delete;
    ServiceManager& operator=(const ServiceManager&) = delete;

    /// A job that systemd has taken; its end comes from result_of(), while wait_until() waits.
    using Job = std::string;
    /// @throws Error  as systemd answers
    Job start(const std::string& unit);
    /// @param auxiliary  made at the same time; started when `unit` asks for them
    /// @throws Error Busy: there is a unit of that name; as systemd answers
    Job start_transient(const TransientUnit& unit, const std::vector<TransientUnit>& auxiliary);

    /// "done", "failed", "timeout"…; nothing as long as it runs.
    std::optional<std::string> result_of(const Job& job) const;
    /// Whether all of it has ended, and nothing is to happen to it.
    bool is_gone(const std::string& unit);

    /// @throws Error  as systemd answers
    std::vector<UnitFileChange> enable(const std::vector<std::string>& units);
    std::vector<UnitFileChange> disable(const std::vector<std::string>& units);

    /// Waits for what the bus brings. False at the deadline.
    bool wait_until(const std::function<bool()>& reached, const Deadline& deadline);

    bus::Connection& bus() noexcept { return bus_; }

private:
    std::vector<UnitFileChange>
    take_changes(std::vector<bus::Struct<std::string, std::string, std::string>> changes);

    bus::Connection bus_;
    bus::Peer manager_;
    std::map<Job, std::string> ended_;
    bus::Subscription jobs_;
    bus::Subscription changes_;
};

} // namespace slipway::toolbox
