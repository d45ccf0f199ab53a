// A sweep is a job that nobody asked for: it has no number and no history.

#include "jobs/sweeper.hh"

#include <algorithm>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/log.hh"
#include "base/memfd.hh"
#include "transfer/request.hh"

namespace slipway::jobs {

void Sweeper::add(const std::filesystem::path& pool) {
    if (std::find(waiting_.begin(), waiting_.end(), pool) == waiting_.end()) {
        waiting_.push_back(pool);
    }
    if (!child_) {
        start_next();
    }
}

void Sweeper::start_next() {
    exit_ = {};
    child_.reset();
    if (waiting_.empty()) {
        return;
    }
    transfer::Request request;
    request.id = transfer::make_id();
    request.verb = transfer::Verb::Sweep;
    request.pool = waiting_.front();
    waiting_.pop_front();
    try {
        const Fd line = make_sealed_memfd(transfer::to_json(request) + "\n");
        ChildSpec spec;
        spec.program = find_program("slipway-transfer");
        spec.fds = {{line.get(), STDIN_FILENO}};
        spec.environment = environment_;
        child_.emplace(spec);
        exit_ = loop_.on_ready(child_->pidfd(), EPOLLIN, [this] { start_next(); });
    } catch (const Error& error) {
        debug("cannot sweep {}: {}", request.pool.string(), error.what()); // the next job does it
    }
}

} // namespace slipway::jobs
