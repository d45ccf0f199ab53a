// The daemon put together: configuration, bus names, queue, jobs, signals, and its end.

#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "base/bus.hh"
#include "importd/arguments.hh"
#include "importd/authorization.hh"
#include "importd/import1.hh"
#include "importd/log_control.hh"
#include "importd/machine1.hh"
#include "importd/slipway_bus.hh"
#include "jobs/event_loop.hh"
#include "jobs/job_log.hh"
#include "jobs/job_service.hh"
#include "jobs/journal.hh"
#include "jobs/queue.hh"

namespace slipway::importd {

class Daemon final : private jobs::JobObserver {
public:
    /// Owns its names afterwards, and has taken up what the queue holds.
    /// @throws Error  Busy: another daemon has a name; NotFound: there is no bus; a configuration
    ///                that cannot be read
    explicit Daemon(const Arguments& arguments);

    /// Until SIGTERM, SIGINT, or there has been nothing to do for a while. Keepers go on.
    /// @throws Error  the bus has gone
    void run();

private:
    void own_names();
    void release_machine1();
    void look_for_machined();
    void open_queue();
    void reload();
    void look_for_idleness();
    void leave_when_idle();

    void queued(const transfer::JobRecord& /*job*/) override { last_work_ = Clock::now(); }
    void event(const transfer::JobRecord& /*job*/, const transfer::Event& /*event*/,
               std::string_view /*line*/) override {}
    void ended(const transfer::JobRecord& job) override;

    using Clock = std::chrono::steady_clock;
    Arguments arguments_;
    jobs::Journal journal_{"slipway-importd"};
    jobs::EventLoop loop_;
    jobs::Watch terminate_;
    jobs::Watch interrupt_;
    jobs::Watch hang_up_;
    jobs::Config config_;
    bus::Connection connection_;
    jobs::JobLog job_log_{journal_};
    jobs::JobService service_;
    Authorization authorization_;
    std::optional<Import1> import1_;
    MachineLooker machine_looker_{loop_};
    std::optional<Machine1> machine1_;
    bool has_machine1_name_ = false;
    SlipwayBus slipway_bus_;
    LogControl log_control_;
    bus::Peer bus_driver_;
    bus::Subscription installed_;
    std::optional<jobs::Queue> queue_;
    jobs::Watch bus_;
    jobs::Watch open_again_;
    jobs::Watch idle_;
    Clock::time_point last_work_ = Clock::now();
};

} // namespace slipway::importd
