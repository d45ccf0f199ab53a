// The one function by which a program that meets untrusted bytes gives up what it does not need.
// Recipe and traps: docs/confinement.md.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/fd.hh"

namespace slipway {

/// What the program sees as "/" afterwards.
enum class View {
    Staging,  ///< the directory it was given, nosuid, nodev, noexec; nothing else exists
    Nothing,  ///< an empty, read-only tmpfs
    HostRead, ///< the host's tree, read-only; with Filter::Check an empty tmpfs over /tmp is the
              ///< one place that can be written
};

/// Which system calls remain.
enum class Filter {
    Unpack, ///< files beneath "/", threads; no exec, socket, mount, signals to others
    Export, ///< as Unpack without the calls that make, change or remove a name
    Fetch,  ///< sockets and files for reading; no exec, no mount, no writing opens
    Check,  ///< as Fetch without sockets, with exec: the OpenPGP engine is a program
};

/// Single fences, so that a test can show what each holds.
enum class Fence : unsigned {
    Mounts = 1,       ///< mount namespace and the root of `View`
    Network = 2,      ///< empty network namespace
    Capabilities = 4, ///< all but the listed ones dropped
    NoNewPrivs = 8,
    Landlock = 16,
    Seccomp = 32,
};
inline constexpr unsigned kAllFences = 63;

struct Confinement {
    View view = View::Nothing;
    Filter filter = Filter::Unpack;
    bool network = false;            ///< keep the host's network
    bool read_only = false;          ///< View::Staging: it cannot be written
    int staging = -1;                ///< for View::Staging: a directory opened O_RDONLY; closed
    std::vector<int> capabilities;   ///< CAP_* numbers to keep, as far as the program has them
    std::optional<std::string> user; ///< become this user (name), or nobody where it is missing
    unsigned fences = kAllFences;    ///< fences to raise; anything less is for tests
};

/// What holds after confine().
struct Confined {
    unsigned fences = 0; ///< of Fence; less than asked for where the kernel lacks one
    Fd root;             ///< for View::Staging: the staging as it is seen from inside
};

/// Raises the fences, in the order the kernel needs. Called once, before the program's first
/// thread and first untrusted byte; also sets umask 0, no core dumps, not dumpable.
/// Where namespaces are refused and Landlock exists, Landlock alone holds (View::Staging then works
/// through Confined::root, never through "/"); where neither exists it throws.
/// @throws Error  Unsupported: nothing would hold; nothing has been written. Internal: a directory
///                other than the staging is open, through which all of it could be left
Confined confine(const Confinement& wanted);

/// The Landlock version of this kernel; 0 when it has none.
int landlock_version() noexcept;

} // namespace slipway
