// A process that confines itself by the same function as the programs, tries one thing and says by
// its exit status whether that worked.

#pragma once

#include <functional>
#include <string>

#include <netinet/in.h>

#include "base/confine.hh"
#include "base/fd.hh"
#include "tests/support/programs.hh"

namespace slipway::tests {

inline constexpr int kWorked = 10;
inline constexpr int kFailed = 11;
inline constexpr int kNotConfined = 12; ///< confine() threw, or the test could not be set up

/// Runs `body` in a child; its exit status, or 128 + the signal's number. What it throws ends it
/// with kNotConfined and is said on standard error.
int exit_code_of(const std::function<int()>& body);

/// The attempt failed, or ended the program.
bool held(int code);

/// Makes a system call fail with `error` for this process and its children, for good.
void refuse_call(int call, int error);

/// A directory to be confined to, a file outside that must not change, a server to be reached.
struct World {
    World();

    TempDir top;
    std::string staging = (top / "staging").string();
    std::string victim = (top / "victim").string();
    Fd listener;
    sockaddr_in address{};

    /// As slipway-unpack asks for it. Opens the staging: called in the child.
    Confinement confinement(unsigned fences = kAllFences) const;
};

} // namespace slipway::tests
