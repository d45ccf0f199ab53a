// A long sync that can be given up.

#pragma once

#include <stop_token>

namespace slipway::transfer {

/// Where so much waits to be written that syncing may take longer than a person waits for a
/// cancellation: writes it out, before Staging::commit() does the same with what is left. The call
/// syncfs(2) cannot be interrupted, so a program of its own makes it (`slipway-transfer sync`),
/// which is left to itself when the job is canceled. Errors are commit's to report.
/// @param directory  on the file system; borrowed
/// @throws Canceled
void sync_ahead(int directory, const std::stop_token& stop);

/// The work of that program: syncs the file system of descriptor 3. Its exit status.
int sync_passed_directory();

} // namespace slipway::transfer
