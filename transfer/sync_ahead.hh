// A long sync that can be given up.

#pragma once

#include <stop_token>

namespace slipway::transfer {

/// Where so much waits to be written that syncing may take longer than a person waits for a
/// cancellation: writes it out, before Staging::commit() does the same with what is left. The calls
/// fsync(2) and syncfs(2) cannot be interrupted, so a program of its own makes them
/// (`slipway-transfer sync`), which is left to itself when the job is canceled. Errors are commit's
/// to report.
/// @param fd  a disk's file: that alone is written; else a directory: its file system. Borrowed
/// @throws Canceled
void sync_ahead(int fd, const std::stop_token& stop);

/// The work of that program: syncs what descriptor 3 stands for. Its exit status.
int sync_passed_file();

} // namespace slipway::transfer
