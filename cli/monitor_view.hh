// How the monitor shows the jobs: a table that is redrawn, or JSON lines.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/console.hh"
#include "cli/job_event.hh"
#include "cli/options.hh"

namespace slipway::cli {

using LiveJobs = std::map<std::uint32_t, transfer::JobRecord>;

class MonitorView {
public:
    virtual ~MonitorView() = default;
    /// A job that was there before it was first heard of.
    virtual void present(const transfer::JobRecord& job, const LiveJobs& all) = 0;
    /// @param job  as it is after the event
    virtual void show(const transfer::JobRecord& job, const JobEvent& event,
                      const LiveJobs& all) = 0;
    /// Some jobs are others now.
    virtual void changed(const LiveJobs& all) = 0;
    /// The daemon has left the bus.
    virtual void away(const LiveJobs& all) = 0;
    virtual void resized() {}
    virtual void close() {}
};

/// The table on a terminal that can redraw, unless --json asks for lines.
/// @param console  must outlive the view
std::unique_ptr<MonitorView> make_monitor_view(const Options& options, Console& console);

/// The lines of the table: those that run first, then those that wait, each by number, in at most
/// `rows` lines of at most `columns` columns.
std::vector<std::string> monitor_lines(const LiveJobs& all, std::size_t columns, std::size_t rows);

/// "{"job":7,"event":…}": the members of the event and the job's number; of "queued" the members of
/// the job.
std::string monitor_json(std::uint32_t number, const JobEvent& event);
/// The job's members, and the event "present".
std::string present_json(const transfer::JobRecord& job);

} // namespace slipway::cli
