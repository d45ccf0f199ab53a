// What running machines say of themselves, asked of slipway-supervise --look, a process each: it
// joins the machine's network and reads the machine's files, which this program must neither wait
// for nor read.

#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "jobs/event_loop.hh"

namespace slipway::importd {

/// One machine as it is seen from within.
struct MachineLook {
    std::map<std::string, std::string> os_release; ///< os-release(5)
    std::vector<std::string> addresses;            ///< IPv4, IPv6
};

/// On the loop's thread. The destructor ends what runs; nobody is answered then.
class MachineLooker {
public:
    using Answer = std::function<void(const MachineLook&)>;
    using Failed = std::function<void(const std::exception_ptr& error)>;

    explicit MachineLooker(jobs::EventLoop& loop) : loop_(loop) {}
    MachineLooker(const MachineLooker&) = delete;
    MachineLooker& operator=(const MachineLooker&) = delete;

    /// One of the two is called, perhaps at once. Failed is with Busy when it took longer than
    /// kPatience, with Limit when kRunning others run.
    void ask(const std::string& machine, Answer answer, Failed failed);
    bool is_idle() const noexcept { return running_.empty(); }

    static constexpr std::size_t kRunning = 16;
    /// Clients give up after 25 s.
    static constexpr std::chrono::seconds kPatience{20};

private:
    struct Running {
        ChildProcess child;
        Fd said;
        Answer answer;
        Failed failed;
        jobs::Watch exit{};
        jobs::Watch too_late{};
    };
    void ended(std::uint64_t number);

    jobs::EventLoop& loop_;
    std::uint64_t last_ = 0;
    std::map<std::uint64_t, Running> running_;
};

} // namespace slipway::importd
