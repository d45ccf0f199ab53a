// One running slipway-transfer, as the daemon sees it: a file of events that grows, a lock that is
// held while it lives. Its own child and one that an earlier daemon started are the same thing;
// only of a child is known how it died.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "jobs/event_loop.hh"
#include "jobs/event_tail.hh"
#include "jobs/job_directory.hh"

namespace slipway::jobs {

/// How a keeper ended.
struct KeeperEnd {
    std::optional<transfer::Ended> said; ///< its own last word, where it had one
    std::string broken;                  ///< what it said that is no event; empty: nothing
    std::optional<ChildExit> exit;       ///< of a child
    std::string errors;                  ///< the end of its standard error
};

/// What a keeper is started with.
struct KeeperStart {
    std::string request; ///< JSON
    int input = -1;      ///< passed on as descriptor 3; borrowed
    std::vector<std::string> environment;
};

/// The destructor lets it go on by itself.
class Keeper {
public:
    /// On the loop's thread, never from within the constructor. An Ended is not among the events.
    using OnEvent = std::function<void(const transfer::Event& event)>;
    using OnEnd = std::function<void(const KeeperEnd& end)>;

    /// @throws Error  it cannot be started
    Keeper(EventLoop& loop, JobDirectory directory, const KeeperStart& start, OnEvent on_event,
           OnEnd on_end);
    /// Adopts one that runs. `catch_up` is called, from here, for the events that observers of an
    /// earlier daemon have heard of; `on_event` gets those after them.
    Keeper(EventLoop& loop, JobDirectory directory, const OnEvent& catch_up, OnEvent on_event,
           OnEnd on_end);
    Keeper(const Keeper&) = delete;
    Keeper& operator=(const Keeper&) = delete;
    ~Keeper();

    /// SIGTERM; from the fourth call on SIGKILL, as systemd-importd does it. Where its process is
    /// not known yet, as soon as it is.
    void cancel();
    const JobDirectory& directory() const noexcept { return directory_; }

private:
    void start(const KeeperStart& start);
    void listen();
    void on_change();
    void read(const OnEvent& tell, std::optional<std::uint64_t> until = {});
    void take(const transfer::Event& event, const OnEvent& tell);
    void signal();
    void end();

    EventLoop& loop_;
    JobDirectory directory_;
    OnEvent on_event_;
    OnEnd on_end_;
    std::optional<ChildProcess> child_;
    std::optional<EventTail> tail_;
    std::uint64_t given_back_ = 0;
    KeeperEnd end_;
    pid_t pid_ = 0; ///< as it said itself
    Fd process_;    ///< pidfd of an adopted one
    unsigned cancels_ = 0;
    Watch change_;
    Watch exit_;
    Watch again_;
};

/// What a keeper that is gone had said; it was no child of ours.
KeeperEnd read_last_words(const JobDirectory& directory, const Keeper::OnEvent& tell);

} // namespace slipway::jobs
