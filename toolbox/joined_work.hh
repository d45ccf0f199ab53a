// Work in a machine, done by a child of ours: joining cannot be taken back.

#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

#include "base/fd.hh"

namespace slipway::toolbox {

/// For programs with one thread.
class JoinedWork {
public:
    /// Starts it. What `work` returns, or throws, comes out of wait().
    /// @param work  gets a descriptor that becomes readable when it shall stop
    explicit JoinedWork(const std::function<std::string(int stopped)>& work);
    /// Asks it to stop, and waits for that.
    ~JoinedWork();
    JoinedWork(const JoinedWork&) = delete;
    JoinedWork& operator=(const JoinedWork&) = delete;

    /// Readable when it has come to its end.
    int pidfd() const noexcept { return pidfd_.get(); }
    void stop() noexcept { stop_.reset(); }

    /// @throws Error, Canceled: what the work has thrown; Internal: it was killed
    std::string wait();

private:
    Fd answer_;
    Fd stop_;
    pid_t child_ = 0;
    Fd pidfd_;
};

} // namespace slipway::toolbox
