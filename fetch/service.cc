// The one loop. Requests wait for their turn in the order of arrival.

#include "fetch/service.hh"

#include <algorithm>
#include <list>
#include <optional>
#include <vector>

#include "base/error.hh"
#include "fetch/download.hh"

namespace slipway::fetch {
namespace {

class Service {
public:
    Service(Control& control, const Settings& settings, const Environment& environment)
        : control_(control), session_(control, settings, environment) {}

    void run() {
        for (;;) {
            const std::vector<std::uint64_t> canceled = control_.look();
            std::erase_if(downloads_, [&canceled](const Download& download) {
                return std::find(canceled.begin(), canceled.end(), download.id()) != canceled.end();
            });
            session_.client.perform();
            std::erase_if(downloads_, [this](Download& download) { return has_ended(download); });
            if (control_.keeper_left()) {
                return;
            }
            if (!begin_next()) {
                wait();
            }
        }
    }

private:
    // Also when nobody wants its answer any more.
    bool has_ended(Download& download) {
        try {
            const std::optional<Answer> answer = download.advance();
            if (answer) {
                control_.answer(download.id(), *answer);
            }
            return answer.has_value();
        } catch (const Canceled&) {
            return true;
        }
    }

    // False when there is nothing to begin, or no room for it.
    bool begin_next() {
        if (downloads_.size() == kMaxConnections) {
            return false;
        }
        std::optional<Job> job = control_.next();
        if (!job) {
            return false;
        }
        downloads_.emplace_back(session_, std::move(*job));
        return true;
    }

    void wait() {
        Deadline deadline;
        std::vector<pollfd> others{{control_.fd(), POLLIN, 0}};
        for (const Download& download : downloads_) {
            others.push_back(download.waker());
            if (const Deadline its = download.deadline()) {
                deadline = std::min(*its, deadline.value_or(*its));
            }
        }
        session_.client.wait(others, deadline);
    }

    Control& control_;
    Session session_;
    std::list<Download> downloads_; ///< at most kMaxConnections
};

} // namespace

void serve(Control& control, const Settings& settings, const Environment& environment) {
    Service(control, settings, environment).run();
}

} // namespace slipway::fetch
