// Who owns io.slipway.Importd on the test's bus and does what the test says: for what no real
// daemon does on order. tests/e2e has the real one.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/json.hh"
#include "tests/cli/jobs.hh"
#include "tests/cli/stand_in.hh"
#include "tests/support/test_bus.hh"
#include "transfer/job_record.hh"

namespace slipway::tests {

/// What a client has submitted.
struct Submitted {
    nlohmann::json request;
    std::string input; ///< what its descriptor gave, to the end; of a directory "DIR"
};

class StandInDaemon {
public:
    struct Behaviour {
        bool answers_submit = true;
        std::string refusal{}; ///< "Exists: 'web' is being brought in by job 3": of every request
        std::optional<bool> proxies{};
        std::uint32_t protocol = 1;
    };

    explicit StandInDaemon(const TestBus& bus, Behaviour behaviour);
    explicit StandInDaemon(const TestBus& bus) : StandInDaemon(bus, Behaviour{}) {}
    ~StandInDaemon();
    StandInDaemon(const StandInDaemon&) = delete;
    StandInDaemon& operator=(const StandInDaemon&) = delete;

    /// A bus that lets root own the name.
    static BusOptions bus();

    /// Waits for the next request. Its job is the next number, from 7 on.
    Submitted wait_for_request();
    /// Waits until somebody wants to cancel a job.
    void wait_for_cancel();
    /// Says an event of a job, and lists it accordingly.
    void say(std::uint32_t job, const transfer::Event& event);
    /// Says anything.
    void say(std::uint32_t job, const std::string& json);
    /// The same without a word.
    void happen(std::uint32_t job, const transfer::Event& event);
    /// A job that is listed, and one that has ended.
    void put(const transfer::JobRecord& job);
    void forget(std::uint32_t job);

    /// Leaves the bus; what it knows stays.
    void leave();
    void come_back();

private:
    struct Loop;
    struct Known {
        std::map<std::uint32_t, transfer::JobRecord> live;
        std::vector<transfer::JobRecord> ended; ///< newest first
        std::uint32_t next = 7;
        std::vector<Submitted> requests;
        bool cancel_came = false;
    };
    void wait_until(const std::function<bool()>& is);
    void update(std::uint32_t job, const transfer::Event& event);

    std::string address_;
    Behaviour behaviour_;
    Known known_; ///< of the loop's thread while it runs
    std::size_t taken_ = 0;
    std::unique_ptr<Loop> loop_;
};

/// Environment for RunOptions and Running: that bus, and no proxies.
std::vector<std::string> on(const TestBus& bus, const std::vector<std::string>& command);

} // namespace slipway::tests
