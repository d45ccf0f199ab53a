// The tree of a machine, looked at as the machine would: what lies in it was written by the machine
// or a publisher, and no link in it leads out of it.

#pragma once

#include <string>

#include "base/fd.hh"

namespace slipway::machine {

/// Opens `path` as a process would whose root is `root`. Empty, and errno, when it cannot.
/// @param flags  of open(2)
Fd open_in_tree(int root, const std::string& path, int flags) noexcept;

/// Whether a command can be run: 0, ENOENT, or EACCES when it is no program.
/// @param name  without a slash it is looked for where systemd looks for programs
int why_not_run(int root, const std::string& name);

/// What systemd-nspawn boots of the tree: "/sbin/init"; empty: it has none.
std::string find_init(int root);

/// Whether /etc/resolv.conf is a file that says nothing, as in what `docker export` writes.
bool has_empty_resolv_conf(int root) noexcept;

} // namespace slipway::machine
