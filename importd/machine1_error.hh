// Errors under the names that clients of org.freedesktop.machine1 know (machine1-images.md §5).

#pragma once

#include <exception>
#include <string>

#include "base/bus_error.hh"
#include "base/outcome.hh"
#include "importd/authorization.hh"
#include "jobs/service.hh"
#include "transfer/event.hh"

namespace slipway::importd {

/// For whatever a handler throws.
bus::Failure machine1_failure(const std::exception& error);
bus::Failure machine1_failure(const Denial& denial);
bus::Failure machine1_failure(const jobs::Refusal& refusal);
/// Of a job that did not do what it was to do.
bus::Failure machine1_failure(const transfer::Ended& end);

bus::Failure no_such_image(const std::string& name);
bus::Failure no_such_machine(const std::string& name);
/// What lies below /usr belongs to the system, and so does the system itself.
bus::Failure belongs_to_the_system();

} // namespace slipway::importd
