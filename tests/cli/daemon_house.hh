// The program in a house with a bus and a stand-in daemon, and a keeper that must not be started.

#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/stand_in_daemon.hh"

namespace slipway::tests {

struct DaemonHouse {
    explicit DaemonHouse(StandInDaemon::Behaviour behaviour = {})
        : daemon(bus, std::move(behaviour)) {}

    /// The command line, on that bus.
    std::vector<std::string> slipway(const std::vector<std::string>& words) const {
        std::vector<std::string> all{keeper.slipway()};
        all.insert(all.end(), words.begin(), words.end());
        return on(bus, all);
    }
    std::vector<std::string> pull(const std::vector<std::string>& options = {}) const {
        return on(bus, keeper.pull(options));
    }
    bool keeper_ran() const { return std::filesystem::exists(keeper / "request"); }

    StandIn keeper{says(started_pull("direct")) + says(done_pull("direct"))};
    TestBus bus{StandInDaemon::bus()};
    StandInDaemon daemon;
};

} // namespace slipway::tests
