// A machine that runs, seen from outside: its first process, its namespaces, its files.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/fd.hh"
#include "spawn/registry.hh"

namespace slipway::spawn {

/// The pidfd keeps what it leads to, whatever becomes of the number.
class Guest {
public:
    /// @throws Error NotFound: the machine has no first process, or it has ended; Unsupported: it
    ///         is no container
    explicit Guest(MachineRecord record);

    const MachineRecord& record() const noexcept { return record_; }
    pid_t leader() const noexcept { return record_.leader->pid; }
    int pidfd() const noexcept { return pidfd_.get(); }
    /// Whether its first process is systemd.
    bool has_systemd() const;

    /// The start of a file, never outside the machine's own tree; nothing when it has none.
    std::optional<std::string> read_file(const std::string& path, std::size_t limit_bytes) const;

    /// open_in_tree() of the machine's own tree.
    Fd open_path(const std::string& path, int flags) const;

    /// Opens "root" or "ns/user" of the first process's directory in /proc.
    /// @returns an empty descriptor, and errno (ESRCH: it has ended), when it cannot
    Fd open_of_leader(const std::string& entry, int flags) const;

    /// The same look at whether a program is there, and can be run: EACCES, ENOENT, or 0.
    /// @param name  with a '/' a path; else looked up where systemd looks
    int why_not_run(const std::string& name) const;

private:
    MachineRecord record_;
    Fd pidfd_;
};

/// A line of /etc/passwd (passwd(5)).
struct GuestUser {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::string home = "/";
    std::string shell = "/bin/sh";
    bool operator==(const GuestUser&) const = default;
};

/// By name or number. root is there even where the machine has no such file.
/// @throws Error NotFound
GuestUser find_user(const Guest& guest, const std::string& name);

/// The same in the text of such a file. Lines that are none are passed over.
std::optional<GuestUser> find_user_in(std::string_view passwd, std::string_view name);

} // namespace slipway::spawn
