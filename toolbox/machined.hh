// systemd-machined of the host, which knows the machines that systemd runs
// (org.freedesktop.machine1(5)).

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bus.hh"
#include "spawn/registry.hh"

namespace slipway::toolbox {

class Machined {
public:
    /// Nothing where the host does not run systemd, or has no machined: who answers as
    /// org.freedesktop.machine1 there could only tell of our own registry.
    static std::unique_ptr<Machined> find();
    Machined(const Machined&) = delete;
    Machined& operator=(const Machined&) = delete;

    /// Those whose names do not begin with a dot: ".host" is the host itself. Sorted by name.
    /// @throws Error  as machined answers
    std::vector<spawn::MachineRecord> list();
    std::optional<spawn::MachineRecord> find(const std::string& name);

    /// @param who  "leader", "all"
    /// @throws Error NotFound: it does not run; as machined answers
    void kill(const std::string& machine, const std::string& who, int signal);
    void terminate(const std::string& machine);

private:
    explicit Machined(bus::Connection bus);
    spawn::MachineRecord read(const std::string& path);
    std::string object_of(const std::string& machine);

    bus::Connection bus_;
    bus::Peer manager_;
};

} // namespace slipway::toolbox
