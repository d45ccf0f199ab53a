// What the log says of jobs: that they were queued, started, judged and ended, and what they warned
// of. Everything about one job: journalctl SLIPWAY_JOB=7. Every end: journalctl MESSAGE_ID=…, one
// number for each way to end (docs/daemon.md).

#pragma once

#include "jobs/journal.hh"
#include "jobs/service.hh"

namespace slipway::jobs {

/// 128-bit numbers that stand for these messages (sd-id128, machine-readable).
constexpr std::string_view kJobDoneId = "4d13252dde85410d919ac280faeb9103";
constexpr std::string_view kJobFailedId = "192daa6ddba44446b61540a70add88e6";
constexpr std::string_view kJobCanceledId = "367487a1791545a9938568d7b5888dd8";

class JobLog final : public JobObserver {
public:
    /// @param journal  outlives it
    explicit JobLog(const Journal& journal) : journal_(journal) {}

    void queued(const transfer::JobRecord& job) override;
    void event(const transfer::JobRecord& job, const transfer::Event& event,
               std::string_view line) override;
    void ended(const transfer::JobRecord& job) override;

private:
    const Journal& journal_;
};

} // namespace slipway::jobs
