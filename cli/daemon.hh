// slipway-importd as those see it who ask it for something (docs/protocol.md §6). find(), jobs()
// and history() wait for the answer; all else comes from process().

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/wait.hh"
#include "transfer/job_record.hh"

namespace slipway::cli {

struct HistoryQuery {
    std::uint32_t limit = 100;
    std::uint32_t number = 0; ///< this job only; 0: all
};

class Daemon {
public:
    using Jobs = std::vector<transfer::JobRecord>;
    using Failed = std::function<void(const Error&)>;

    /// Whoever wants to hear what happens; called from process().
    struct Listener {
        std::function<void(std::uint32_t job, const std::string& event)> event;
        /// The daemon has left the bus, or is there again: what it said meanwhile was missed.
        std::function<void(bool there)> presence;
    };

    /// Starts the daemon where the bus knows how. Nothing when none answers: no bus, nobody who has
    /// or could take the name. Blocks.
    /// @throws Error Unsupported: the daemon belongs to another version
    static std::unique_ptr<Daemon> find();
    /// For what a daemon alone can do.
    /// @throws Error NotFound: see without_daemon(); else as find()
    static std::unique_ptr<Daemon> expect(std::string_view verb);

    ~Daemon();
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Whether the transfers of the daemon use a proxy; false of a daemon that does not say.
    bool has_proxies() const noexcept { return has_proxies_; }

    /// @throws Error  as the daemon answered, Internal when it did not
    Jobs jobs();
    Jobs history(const HistoryQuery& query);

    /// Whoever listens hears all that happened since find().
    void listen(Listener listener) { listener_ = std::move(listener); }

    /// Of the two functions one is called, once. Waits as long as the daemon does: somebody may be
    /// asked for a password.
    void submit(const std::string& request, std::vector<Fd> descriptors,
                std::function<void(std::uint32_t number)> answered, Failed failed);
    void cancel(std::uint32_t number, std::function<void()> answered, Failed failed);
    void ask_jobs(std::function<void(Jobs)> answered, Failed failed);
    void ask_history(const HistoryQuery& query, std::function<void(Jobs)> answered, Failed failed);

    /// What to wait for before process() is called.
    pollfd poll_entry() const;
    Deadline deadline() const;
    /// Handles what has come.
    /// @throws Error Network: the bus is gone
    void process();

private:
    struct Bus;
    explicit Daemon(std::unique_ptr<Bus> bus);
    void start();
    void subscribe();
    void take_properties();

    std::unique_ptr<Bus> bus_;
    bool has_proxies_ = false;
    Listener listener_;
};

/// NotFound: what cannot be done without a daemon, and what to do.
Error without_daemon(std::string_view what);

} // namespace slipway::cli
