// clean: one image after the other, each with its siblings in the step in which it goes. What a
// face has shown to a person is all that goes.

#include "storage/clean.hh"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/staging.hh"
#include "storage/usage.hh"
#include "transfer/job.hh"

namespace slipway::transfer {
namespace {

class Cleaning {
public:
    explicit Cleaning(const Job& job) : job_(job) {}

    Ended run() {
        const Request& request = job_.request;
        const auto search = request.search.empty() ? std::vector{request.pool} : request.search;
        const auto scope = request.all ? storage::CleanScope::All : storage::CleanScope::Hidden;
        const storage::Cleanable found =
            storage::find_cleanable(search, request.image_class, scope);
        for (const storage::Spared& spared : found.spared) {
            if (is_asked_for(spared.name)) {
                job_.report.log(LogLevel::Notice,
                                fmt::format("{} stays: {}", quoted(spared.name), spared.reason));
            }
        }
        job_.report.stage("remove");
        for (const storage::Located& located : found.images) {
            if (job_.stop.stop_requested()) {
                throw Canceled();
            }
            if (is_asked_for(located.image.name.text())) {
                remove(located);
            }
        }
        sweep(found.leftovers);
        if (failure_) {
            failure_->add_advice(fmt::format("; {} others were removed", removed_));
            throw Error(*failure_);
        }
        Ended ended{.outcome = Outcome::Done, .status = 0};
        ended.text = fmt::format("removed {} image{} in total", removed_, removed_ == 1 ? "" : "s");
        return ended;
    }

private:
    bool is_asked_for(const std::string& name) const {
        const auto& names = job_.request.names;
        return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    }

    // The first failure is the job's; the others are told.
    void fail(const Error& error) {
        if (failure_) {
            job_.report.log(LogLevel::Warning, error.what());
        } else {
            failure_.emplace(error);
        }
    }

    void remove(const storage::Located& located) {
        const std::string& name = located.image.name.text();
        if (storage::is_layer_in_use(located.pool, name)) {
            job_.report.log(LogLevel::Notice,
                            fmt::format("{} stays: an mstack stands on it", quoted(name)));
            return;
        }
        // Before it is gone. Blocks that others share are not freed, so that only what is known to
        // be the image's own is told.
        const std::optional<std::uint64_t> freed = storage::known_usage(located.image).exclusive;
        try {
            storage::remove_image(storage::Pool::open(located.pool, job_.request.image_class),
                                  located.image.name);
        } catch (Error& error) {
            if (error.kind() == Kind::Busy) { // since we looked
                job_.report.log(LogLevel::Notice,
                                fmt::format("{} stays: {}", quoted(name), error.what()));
                return;
            }
            error.add_context("removing {}", quoted(name));
            fail(error);
            return;
        }
        ++removed_;
        job_.report.cleaned({name, freed});
    }

    void sweep(const std::vector<storage::Leftover>& leftovers) {
        for (const storage::Leftover& leftover : leftovers) {
            const std::string name = leftover.path.filename();
            if (!is_asked_for(name)) {
                continue;
            }
            const storage::Pool pool = storage::Pool::open(leftover.path.parent_path());
            for (const std::string& problem : storage::sweep(pool).problems) {
                job_.report.log(LogLevel::Warning, problem);
            }
            const auto left = storage::find_leftovers(pool);
            const bool gone = std::none_of(left.begin(), left.end(), [&](const auto& other) {
                return other.job == leftover.job;
            });
            if (gone) {
                job_.report.cleaned({name, std::nullopt});
            }
        }
    }

    const Job& job_;
    unsigned removed_ = 0;
    std::optional<Error> failure_;
};

} // namespace

Ended clean(const Job& job) {
    return Cleaning(job).run();
}

} // namespace slipway::transfer
