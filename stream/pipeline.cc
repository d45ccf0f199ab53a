// Threads, and one place for the failure that is reported. Whoever fails first stops the others
// through the stop source; what they then throw is an echo.

#include "stream/pipeline.hh"

#include <exception>
#include <list>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.hh"

namespace slipway::stream {

struct Pipeline::State {
    explicit State(std::stop_token outside)
        : on_stop(std::move(outside), [this] { own.request_stop(); }) {}

    std::stop_source own;
    std::stop_callback<std::function<void()>> on_stop;

    std::mutex mutex;           ///< guards the two below
    std::exception_ptr failure; ///< the first
    bool canceled = false;

    std::list<Pipe> pipes;
    std::vector<std::jthread> threads;

    void record(std::exception_ptr reason) {
        {
            const std::lock_guard lock(mutex);
            if (own.stop_requested()) {
                canceled = true; // a stop from outside, or an echo of the failure that is kept
            } else if (!failure) {
                failure = std::move(reason);
            }
        }
        own.request_stop();
    }

    void record_cancellation() {
        {
            const std::lock_guard lock(mutex);
            canceled = true;
        }
        own.request_stop();
    }

    void carry_out(const std::string& stage, const std::function<void(std::stop_token)>& work) {
        try {
            work(own.get_token());
        } catch (const Canceled&) {
            record_cancellation();
        } catch (Error& error) {
            error.add_context("{}", stage);
            record(std::current_exception());
        } catch (const std::exception& other) {
            record(std::make_exception_ptr(Error(Kind::Internal, "{}: {}", stage, other.what())));
        }
    }
};

Pipeline::Pipeline(std::stop_token stop) : state_(std::make_unique<State>(std::move(stop))) {}

Pipeline::~Pipeline() {
    state_->own.request_stop();
    state_->threads.clear();
}

Pipe& Pipeline::pipe(std::size_t capacity_bytes) {
    return state_->pipes.emplace_back(capacity_bytes, state_->own.get_token());
}

void Pipeline::run(std::string_view stage, Pipe* reads, Pipe* writes,
                   std::function<void(std::stop_token)> work) {
    auto body = [state = state_.get(), name = std::string(stage), reads, writes,
                 work = std::move(work)] {
        state->carry_out(name, work);
        if (reads != nullptr) {
            reads->leave();
        }
        if (writes != nullptr) {
            // Without effect when it was finished. The reason itself stays with the pipeline: two
            // threads must not hold one exception, since both would add to its message.
            writes->fail(std::make_exception_ptr(Canceled()));
        }
    };
    try {
        state_->threads.emplace_back(std::move(body));
    } catch (const std::system_error& error) {
        throw Error(Kind::Other, "cannot start a thread for {}: {}", stage, error.what());
    }
}

void Pipeline::wait() {
    state_->threads.clear();
    const std::lock_guard lock(state_->mutex);
    if (state_->failure) {
        std::rethrow_exception(state_->failure);
    }
    if (state_->canceled) {
        throw Canceled();
    }
}

} // namespace slipway::stream
