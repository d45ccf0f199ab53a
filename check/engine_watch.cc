// The engine rests between end_wait() and the next begin_wait(): it has bytes, or their end, and
// does not ask for more.

#include "check/engine_watch.hh"

#include <csignal>
#include <system_error>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/json.hh"
#include "base/message.hh"
#include "base/wait.hh"

namespace slipway::check {
namespace {

void say_that_it_hangs(int control) noexcept {
    try {
        send_message(control, nlohmann::json{{"answer", "error"},
                                             {"kind", word(Kind::Unsupported)},
                                             {"text", "the OpenPGP engine hangs"}}
                                  .dump());
    } catch (const std::exception&) {
        return; // the keeper is gone: nobody to tell
    }
}

} // namespace

EngineWatch::EngineWatch(int control, std::chrono::milliseconds patience)
    : patience_(patience), since_(Clock::now().time_since_epoch().count()),
      thread_([this, control](const std::stop_token& stop) { run(control, stop); }) {}

void EngineWatch::set_home(const std::filesystem::path& home) {
    const std::scoped_lock lock(mutex_);
    home_ = home;
}

void EngineWatch::begin_wait() noexcept {
    waiting_ = true;
}

void EngineWatch::end_wait() noexcept {
    since_ = Clock::now().time_since_epoch().count();
    waiting_ = false;
}

EngineWatch::Clock::duration EngineWatch::rested() const noexcept {
    return waiting_ ? Clock::duration::zero()
                    : Clock::now().time_since_epoch() - Clock::duration(since_);
}

void EngineWatch::run(int control, const std::stop_token& stop) {
    try {
        for (;;) {
            Deadline deadline;
            if (patience_.count() > 0) {
                deadline = Clock::now() + patience_ - rested();
            }
            if (wait_for(control, 0, stop, deadline)) { // no event is asked for: only the end
                break;
            }
            if (rested() >= patience_) {
                say_that_it_hangs(control);
                break;
            }
        }
    } catch (const Canceled&) {
        return;
    }
    const std::scoped_lock lock(mutex_);
    std::error_code error;
    std::filesystem::remove_all(home_, error);
    ::kill(0, SIGKILL);
}

} // namespace slipway::check
