// One job of the daemon's as the one who asked for it follows it: what is heard of it goes to the
// view, once and in order, even when the daemon was away and some of it was missed.

#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "cli/job_event.hh"
#include "cli/job_status.hh"
#include "cli/job_view.hh"

namespace slipway::cli {

class JobWatch {
public:
    /// @param view    borrowed
    /// @param name    of the image, as far as it is known
    /// @param source  what the person called what is brought in; the keeper may know a descriptor
    ///                alone
    JobWatch(JobView& view, std::string name, std::string source)
        : view_(view), source_(std::move(source)) {
        end_.name = std::move(name);
    }

    /// An event of this job.
    void hear(const JobEvent& event, TimePoint now);
    /// Where the job stands, after events of it may have been missed.
    void found(const transfer::JobRecord& job, TimePoint now);

    bool ended() const noexcept { return end_.ended.has_value(); }
    const JobEnd& end() const noexcept { return end_; }

private:
    void promise(const Enqueued& enqueued, TimePoint now);
    void take(transfer::Event event, TimePoint now);

    JobView& view_;
    std::string source_;
    JobEnd end_;
    bool promised_ = false;
    bool started_ = false;
    bool judged_ = false;
    std::string stage_;
};

} // namespace slipway::cli
