// Another process that holds something until the test is done with it.

#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

namespace slipway::tests {

class LockHolder {
public:
    /// Runs `take` in a child, which then waits. What it takes must outlive the call (static).
    explicit LockHolder(const std::function<void()>& take);
    ~LockHolder() { kill(); }
    LockHolder(const LockHolder&) = delete;
    LockHolder& operator=(const LockHolder&) = delete;

    /// SIGKILL: it gets no chance to release anything.
    void kill();
    /// As refusals name it: "storage_test (PID 4711)".
    std::string description() const;

private:
    pid_t pid_ = -1;
};

} // namespace slipway::tests
