// Joining a machine's namespaces, in a child of ours: joining cannot be taken back.

#pragma once

#include <functional>

#include <sys/types.h>

#include "spawn/guest.hh"

namespace slipway::spawn {

/// The machine's user namespace; empty when it is ours as well.
/// @throws Error
Fd open_users(const Guest& guest);

/// Joins the namespaces of these kinds (CLONE_NEWNS …; 0: none but its users), and the user
/// namespace where the machine has its own; there it is root, so that what it makes belongs to the
/// machine's root and not to nobody. One thread, and no way back.
/// @throws Error Denied
void join(const Guest& guest, int kinds);

/// fork(2) for programs with one thread: `work` runs in the child, whose status it returns. What it
/// throws is told on standard error, with the status 125.
pid_t fork_with(const std::function<int()>& work);

/// 128 + the number of a signal.
/// @throws Error
int wait_for_status(pid_t child);

} // namespace slipway::spawn
