// What list-transfers prints.

#pragma once

#include <string>
#include <vector>

#include "transfer/job_record.hh"

namespace slipway::cli {

/// The table with its foot, "3 transfers listed."; with `legend` unset the rows alone. Sorted by
/// name, then number, as importctl does it.
std::string transfer_list(std::vector<transfer::JobRecord> jobs, bool legend, bool terminal);

/// An array of objects with id, progress (percent, or null), type, class, local, remote and state;
/// the first six are importctl's.
std::string transfer_list_json(std::vector<transfer::JobRecord> jobs, bool pretty);

} // namespace slipway::cli
