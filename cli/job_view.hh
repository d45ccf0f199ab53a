// How a running job is shown: JSON lines, plain lines, or one live line on a terminal.

#pragma once

#include <chrono>
#include <memory>

#include "cli/console.hh"
#include "cli/job_event.hh"
#include "cli/options.hh"
#include "transfer/event.hh"

namespace slipway::cli {

using TimePoint = std::chrono::steady_clock::time_point;

class JobView {
public:
    virtual ~JobView() = default;
    virtual void show(const transfer::Event& event, TimePoint now) = 0;
    /// The daemon has queued the job.
    virtual void show(const Enqueued& enqueued, TimePoint now) = 0;
    /// It is queued again.
    virtual void show(const Interrupted& interrupted, TimePoint now) = 0;
    /// The job was told to stop.
    virtual void canceling() {}
    /// The terminal has another size.
    virtual void resized() {}
    /// Nothing more comes: what is not to stay is taken away.
    virtual void close() {}
};

/// What C-c does to the job, as the live line says.
enum class Interrupt { Cancels, Detaches };

/// @param console  must outlive the view
std::unique_ptr<JobView> make_job_view(const Options& options, Console& console,
                                       Interrupt interrupt = Interrupt::Cancels);

/// What the options want to be told on standard error.
transfer::LogLevel lowest_level(const Options& options) noexcept;

} // namespace slipway::cli
