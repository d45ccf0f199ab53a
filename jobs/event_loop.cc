// sd-event calls C functions; each of ours stores what is thrown and asks the loop to end.

#include "jobs/event_loop.hh"

#include <deque>
#include <exception>
#include <mutex>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/handle.hh"

namespace slipway::jobs {
namespace {

using Event = Handle<sd_event, sd_event_unref>;
using Source = Handle<sd_event_source, sd_event_source_disable_unref>;

void check(int result, const char* doing) {
    if (result < 0) {
        errno = -result;
        throw errno_error("cannot {}", doing);
    }
}

std::uint64_t microseconds(std::chrono::steady_clock::time_point time) {
    const auto since = time.time_since_epoch(); // CLOCK_MONOTONIC
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

} // namespace

struct EventLoop::State {
    Event event;
    std::exception_ptr failure;
    Fd wake; // an eventfd
    std::mutex mutex;
    std::deque<Callback> posted; // guarded by mutex
    Watch posted_watch;

    int guard(const Callback& callback) noexcept {
        try {
            callback();
        } catch (...) {
            failure = std::current_exception();
            sd_event_exit(event.get(), 0);
        }
        return 0;
    }

    void run_posted() {
        std::uint64_t count = 0;
        static_cast<void>(!::read(wake.get(), &count, sizeof count));
        std::deque<Callback> ready;
        {
            const std::lock_guard lock(mutex);
            ready.swap(posted);
        }
        for (const Callback& callback : ready) {
            callback();
        }
    }
};

// At a fixed address, since sd-event holds a pointer to it.
struct Watch::Parts {
    EventLoop::State* loop = nullptr;
    EventLoop::Callback callback{};
    std::function<Wanted()> wanted{};
    Source source{};
    Source timer{}; // of a source of another library

    static Parts& of(void* data) noexcept { return *static_cast<Parts*>(data); }

    // A callback may end its own watch: it is called from a copy.
    int call() const noexcept {
        const EventLoop::Callback kept = callback;
        return loop->guard(kept);
    }
};

namespace {

int on_io(sd_event_source* /*source*/, int /*fd*/, std::uint32_t /*events*/, void* data) {
    return Watch::Parts::of(data).call();
}

int on_time(sd_event_source* /*source*/, std::uint64_t /*time*/, void* data) {
    return Watch::Parts::of(data).call();
}

int on_signal_info(sd_event_source* /*source*/, const signalfd_siginfo* /*info*/, void* data) {
    return Watch::Parts::of(data).call();
}

int on_file(sd_event_source* /*source*/, const inotify_event* /*event*/, void* data) {
    return Watch::Parts::of(data).call();
}

int prepare_source(sd_event_source* source, void* data) {
    Watch::Parts& parts = Watch::Parts::of(data);
    return parts.loop->guard([&parts, source] {
        const Wanted wanted = parts.wanted();
        check(sd_event_source_set_io_events(source, wanted.events), "watch the bus");
        if (wanted.deadline) {
            check(sd_event_source_set_time(parts.timer.get(), microseconds(*wanted.deadline)),
                  "set a timer");
        }
        check(sd_event_source_set_enabled(parts.timer.get(),
                                          wanted.deadline ? SD_EVENT_ONESHOT : SD_EVENT_OFF),
              "set a timer");
    });
}

} // namespace

Watch::Watch() noexcept = default;
Watch::Watch(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
Watch::Watch(Watch&&) noexcept = default;
Watch& Watch::operator=(Watch&&) noexcept = default;
Watch::~Watch() = default;

EventLoop::EventLoop() : state_(std::make_unique<State>()) {
    sd_event* event = nullptr;
    check(sd_event_new(&event), "make an event loop");
    state_->event.reset(event);
    state_->wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!state_->wake) {
        throw errno_error("cannot make an eventfd");
    }
    state_->posted_watch =
        on_ready(state_->wake.get(), EPOLLIN, [state = state_.get()] { state->run_posted(); });
}

EventLoop::~EventLoop() {
    state_->posted.clear(); // what it holds may watch this loop
    state_->posted_watch = {};
}

Watch EventLoop::on_ready(int fd, std::uint32_t events, Callback callback) {
    auto parts = std::make_unique<Watch::Parts>();
    parts->loop = state_.get();
    parts->callback = std::move(callback);
    sd_event_source* source = nullptr;
    check(sd_event_add_io(state_->event.get(), &source, fd, events, on_io, parts.get()),
          "watch a descriptor");
    parts->source.reset(source);
    return Watch(std::move(parts));
}

Watch EventLoop::on_signal(int signal, Callback callback) {
    auto parts = std::make_unique<Watch::Parts>();
    parts->loop = state_.get();
    parts->callback = std::move(callback);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) != 0) {
        throw Error(Kind::Internal, "cannot block signal {}", signal);
    }
    sd_event_source* source = nullptr;
    check(sd_event_add_signal(state_->event.get(), &source, signal, on_signal_info, parts.get()),
          "watch a signal");
    parts->source.reset(source);
    return Watch(std::move(parts));
}

Watch EventLoop::after(std::chrono::microseconds delay, Callback callback) {
    auto parts = std::make_unique<Watch::Parts>();
    parts->loop = state_.get();
    parts->callback = std::move(callback);
    sd_event_source* source = nullptr;
    check(sd_event_add_time_relative(state_->event.get(), &source, CLOCK_MONOTONIC,
                                     static_cast<std::uint64_t>(delay.count()), 1000, on_time,
                                     parts.get()),
          "set a timer");
    parts->source.reset(source);
    return Watch(std::move(parts));
}

Watch EventLoop::on_change(int fd, Callback callback) {
    auto parts = std::make_unique<Watch::Parts>();
    parts->loop = state_.get();
    parts->callback = std::move(callback);
    sd_event_source* source = nullptr;
    check(sd_event_add_inotify(state_->event.get(), &source,
                               fmt::format("/proc/self/fd/{}", fd).c_str(),
                               IN_MODIFY | IN_CLOSE_WRITE, on_file, parts.get()),
          "watch a file");
    parts->source.reset(source);
    return Watch(std::move(parts));
}

Watch EventLoop::on_source(std::function<Wanted()> wanted, Callback dispatch) {
    auto parts = std::make_unique<Watch::Parts>();
    parts->loop = state_.get();
    parts->callback = std::move(dispatch);
    parts->wanted = std::move(wanted);
    const Wanted first = parts->wanted();
    sd_event_source* source = nullptr;
    check(sd_event_add_time(state_->event.get(), &source, CLOCK_MONOTONIC, 0, 0, on_time,
                            parts.get()),
          "set a timer");
    parts->timer.reset(source);
    check(sd_event_add_io(state_->event.get(), &source, first.fd, first.events, on_io, parts.get()),
          "watch the bus");
    parts->source.reset(source);
    check(sd_event_source_set_prepare(source, prepare_source), "watch the bus");
    return Watch(std::move(parts));
}

void EventLoop::post(Callback callback) {
    {
        const std::lock_guard lock(state_->mutex);
        state_->posted.push_back(std::move(callback));
    }
    const std::uint64_t one = 1;
    static_cast<void>(!::write(state_->wake.get(), &one, sizeof one));
}

void EventLoop::keep_watchdog() {
    check(sd_event_set_watchdog(state_->event.get(), 1), "keep the watchdog");
}

void EventLoop::run() {
    check(sd_event_loop(state_->event.get()), "run the event loop");
    if (state_->failure) {
        std::rethrow_exception(std::exchange(state_->failure, nullptr));
    }
}

void EventLoop::exit() noexcept {
    sd_event_exit(state_->event.get(), 0);
}

} // namespace slipway::jobs
