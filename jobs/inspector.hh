// What the systems in images say of themselves, asked of a keeper each. No job: nothing is changed,
// and whoever shows an image asks four times in a row, so that an answer is kept for a moment.

#pragma once

#include <chrono>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "jobs/event_loop.hh"
#include "transfer/event.hh"
#include "transfer/request.hh"

namespace slipway::jobs {

/// On the loop's thread. The destructor ends the keepers that run; nobody is answered then.
class Inspector {
public:
    using Answer = std::function<void(const transfer::Inspected&)>;
    using Failed = std::function<void(const std::exception_ptr& error)>;

    Inspector(EventLoop& loop, std::vector<std::string> environment)
        : loop_(loop), environment_(std::move(environment)) {}
    Inspector(const Inspector&) = delete;
    Inspector& operator=(const Inspector&) = delete;

    /// One of the two is called, perhaps at once. Failed is with what the keeper refused, Busy when
    /// it took longer than kPatience, Limit when kWaiting others wait.
    /// @param request  of verb inspect, without id
    void ask(transfer::Request request, Answer answer, Failed failed);

    /// What was answered before does not count any more: an image has changed.
    void forget() { kept_.clear(); }
    bool is_idle() const noexcept { return running_.empty() && waiting_.empty(); }

    static constexpr std::size_t kRunning = 2;
    static constexpr std::size_t kWaiting = 256;
    static constexpr std::chrono::seconds kKept{5};
    /// Clients give up after 25 s.
    static constexpr std::chrono::seconds kPatience{20};

private:
    using Clock = std::chrono::steady_clock;
    struct Listener {
        Answer answer;
        Failed failed;
    };
    struct Question {
        transfer::Request request;
        std::vector<Listener> listeners;
    };
    struct Running {
        Question question;
        ChildProcess child;
        Fd events; ///< what it writes
        Watch exit;
        Watch too_late;
    };
    struct Kept {
        transfer::Inspected answer;
        Clock::time_point since;
    };

    void start_waiting();
    void start(Question question);
    void ended(const std::string& key);

    EventLoop& loop_;
    std::vector<std::string> environment_;
    std::deque<Question> waiting_;
    std::map<std::string, Running> running_; ///< by key_of()
    std::map<std::string, Kept> kept_;
};

} // namespace slipway::jobs
