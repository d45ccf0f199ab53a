// Kills a process at its N-th step: the death that a test can repeat.

#pragma once

#include <functional>
#include <optional>
#include <string>

namespace slipway::tests {

/// Why processes cannot be traced here; nothing when they can.
std::optional<std::string> no_tracing();

/// Runs `action` in a child that is killed (SIGKILL) before its `step`-th system call that could
/// change a file system, counted from 1. False when it came to its end before that; it must
/// succeed then.
bool kill_at_step(unsigned step, const std::function<void()>& action);

/// How a child ended that was stopped before its N-th such system call.
struct Stopped {
    bool at_step = false;   ///< it came to that step
    bool succeeded = false; ///< it was let go on and came to its end
};
enum class After { Kill, GoOn };

/// The same, but `then` is done while the child stands still.
/// @param make_action  run in the child beforehand, at full speed; steps are counted in what it
///                     returns
Stopped stop_at_step(unsigned step, const std::function<std::function<void()>()>& make_action,
                     const std::function<After()>& then);

} // namespace slipway::tests
