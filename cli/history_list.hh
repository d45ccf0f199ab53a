// What history prints: ended jobs, as a list, or one of them whole.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "transfer/job_record.hh"

namespace slipway::cli {

/// Who a user is, by number.
using UserNames = std::function<std::string(std::uint32_t)>;

/// The table in the order given, below a failed job its error, and the foot; with `legend` unset
/// the rows alone. Times are of the local time zone.
std::string history_list(const std::vector<transfer::JobRecord>& jobs, const UserNames& users,
                         bool legend, bool terminal);

/// "Name: value", a line each: all that is known.
std::string history_entry(const transfer::JobRecord& job, const UserNames& users);

/// The jobs as docs/protocol.md §6 has them: an array, or one object.
std::string jobs_json(const std::vector<transfer::JobRecord>& jobs, bool pretty);
std::string job_json(const transfer::JobRecord& job, bool pretty);

/// The system's name for a user (getpwuid_r(3)), else the number.
std::string user_name(std::uint32_t uid);

} // namespace slipway::cli
