// One transfer on the bus: /org/freedesktop/import1/transfer/_N, from its queueing to its end.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bus_object.hh"
#include "importd/transfer_log.hh"
#include "transfer/event.hh"
#include "transfer/job_record.hh"

namespace slipway::importd {

/// "/org/freedesktop/import1/transfer/_7".
bus::ObjectPath transfer_path(std::uint32_t number);

/// An integer percentage over 100; −DBL_MAX when it is not known, as clients expect.
double import1_progress(const transfer::JobRecord& job) noexcept;

/// What is the contract's of a job; others of its values stay empty there.
std::string import1_remote(const transfer::JobRecord& job);
std::string import1_verify(const transfer::JobRecord& job);

/// Whether the contract has a word for what the job does.
bool is_import1_transfer(const transfer::JobRecord& job) noexcept;

/// Must not be destroyed by what its own `cancel` does before that returns.
class Import1Transfer {
public:
    /// @param max_priority  lines of a higher one (less urgent) are not said; read when one comes
    Import1Transfer(bus::Connection& connection, const transfer::JobRecord& job,
                    std::function<void(const bus::Call&, std::uint32_t)> cancel,
                    std::function<std::uint32_t()> max_priority);

    /// Signals what the event means to listeners.
    void tell(const transfer::JobRecord& job, const transfer::Event& event);

private:
    std::function<std::uint32_t()> max_priority_;
    TransferLog log_;
    double progress_;
    bus::Object object_;
};

} // namespace slipway::importd
