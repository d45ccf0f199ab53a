// A caller of slipway-importd on the test's bus, through io.slipway.Importd (docs/protocol.md §6).

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bus.hh"
#include "tests/support/test_bus.hh"
#include "transfer/job_record.hh"

namespace slipway::tests {

class DaemonClient {
public:
    explicit DaemonClient(const TestBus& bus);

    /// @param members  of the request, JSON without the braces: R"("verb": "pull-tar", …)"
    /// @param input    of an import; -1: none
    std::uint32_t submit(const std::string& members, int input = -1);
    std::uint32_t pull_tar(const std::string& url, const std::string& name);
    void cancel(std::uint32_t number);
    std::vector<transfer::JobRecord> list();
    std::vector<transfer::JobRecord> history(std::uint32_t limit = 100);

    /// Waits until the job has ended, over restarts of the daemon. @throws after 60 s
    transfer::JobRecord wait_for_end(std::uint32_t number);
    /// Waits until `wanted` is true of the job while it lives. @throws after 60 s
    void wait_until(std::uint32_t number,
                    const std::function<bool(const transfer::JobRecord&)>& wanted);

    /// Number and JSON of every Event that came, in order; takes what waits first.
    const std::vector<std::pair<std::uint32_t, std::string>>& events();

private:
    bus::Connection connection_;
    bus::Peer daemon_;
    std::vector<std::pair<std::uint32_t, std::string>> events_;
    bus::Subscription heard_;
};

} // namespace slipway::tests
