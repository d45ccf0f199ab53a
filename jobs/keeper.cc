// A child's end is told by its pidfd. So is that of an adopted keeper, once its number is known
// from its first event: the number is its own as long as the lock is held, which is looked at after
// the pidfd was opened (pid_max wraps around).

#include "jobs/keeper.hh"

#include <cerrno>
#include <csignal>
#include <utility>

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/memfd.hh"

namespace slipway::jobs {
namespace {

constexpr unsigned kPatientCancels = 3;
// A lock is let go a moment after the file was closed.
constexpr std::chrono::milliseconds kLookAgain{20};

// What was heard is given back to the memory that /run lies in, but for the beginning.
constexpr std::uint64_t kKeptBytes = 64 * KiB;
constexpr std::uint64_t kGivenBackBytes = 256 * KiB; // at a time

} // namespace

Keeper::Keeper(EventLoop& loop, JobDirectory directory, const KeeperStart& start, OnEvent on_event,
               OnEnd on_end)
    : loop_(loop), directory_(std::move(directory)), on_event_(std::move(on_event)),
      on_end_(std::move(on_end)) {
    this->start(start);
    listen();
    exit_ = loop_.on_ready(child_->pidfd(), EPOLLIN, [this] { end(); });
}

Keeper::Keeper(EventLoop& loop, JobDirectory directory, const OnEvent& catch_up, OnEvent on_event,
               OnEnd on_end)
    : loop_(loop), directory_(std::move(directory)), on_event_(std::move(on_event)),
      on_end_(std::move(on_end)) {
    listen();
    read(catch_up, directory_.seen());
    again_ = loop_.after(std::chrono::microseconds(0), [this] { on_change(); });
}

Keeper::~Keeper() {
    if (child_) {
        std::move(*child_).abandon();
    }
}

void Keeper::start(const KeeperStart& start) {
    const Fd request = make_sealed_memfd(start.request + "\n");
    const Fd events = directory_.make_events();
    const Fd errors = directory_.make_errors();
    ChildSpec spec;
    spec.program = find_program("slipway-transfer");
    spec.fds = {{request.get(), STDIN_FILENO},
                {events.get(), STDOUT_FILENO},
                {errors.get(), STDERR_FILENO}};
    if (start.input >= 0) {
        spec.fds.emplace_back(start.input, 3);
    }
    spec.environment = start.environment;
    spec.own_process_group = true;
    child_.emplace(spec);
}

void Keeper::listen() {
    Fd events = directory_.open_events();
    if (!events) {
        throw errno_error("cannot read the job's events");
    }
    change_ = loop_.on_change(events.get(), [this] { on_change(); });
    tail_.emplace(std::move(events));
}

void Keeper::on_change() {
    read(on_event_);
    if (child_ || exit_) {
        return; // its process tells of the end
    }
    if (pid_ > 0) {
        process_.reset(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    }
    if (!JobDirectory::is_locked(tail_->fd())) {
        end();
    } else if (process_) {
        exit_ = loop_.on_ready(process_.get(), EPOLLIN, [this] { end(); });
        signal();
    } else {
        again_ = loop_.after(kLookAgain, [this] { on_change(); });
    }
}

void Keeper::read(const OnEvent& tell, std::optional<std::uint64_t> until) {
    try {
        tail_->read([this, &tell](const transfer::Event& event) { take(event, tell); }, until);
    } catch (const Error& error) {
        end_.broken = error.what();
        cancel();
    }
    const std::uint64_t told = tail_->told_bytes();
    directory_.set_seen(told);
    if (told > given_back_ + kKeptBytes + kGivenBackBytes) {
        directory_.give_back(kKeptBytes, told);
        given_back_ = told;
    }
}

void Keeper::take(const transfer::Event& event, const OnEvent& tell) {
    if (const auto* ended = std::get_if<transfer::Ended>(&event)) {
        end_.said = *ended;
        return;
    }
    if (const auto* started = std::get_if<transfer::Started>(&event)) {
        pid_ = started->pid;
    }
    tell(event);
}

void Keeper::cancel() {
    ++cancels_;
    signal();
}

void Keeper::signal() {
    if (cancels_ == 0) {
        return;
    }
    const int number = cancels_ > kPatientCancels ? SIGKILL : SIGTERM;
    if (child_) {
        child_->kill(number);
    } else if (process_) {
        ::syscall(SYS_pidfd_send_signal, process_.get(), number, nullptr, 0);
    }
}

// The keeper has gone: what it said last is in the file.
void Keeper::end() {
    change_ = {};
    exit_ = {};
    again_ = {};
    read(on_event_);
    if (child_) {
        end_.exit = child_->wait();
    }
    end_.errors = directory_.errors();
    const OnEnd tell = std::move(on_end_);
    const KeeperEnd said = std::move(end_);
    tell(said); // may destroy this
}

KeeperEnd read_last_words(const JobDirectory& directory, const Keeper::OnEvent& tell) {
    KeeperEnd end;
    EventTail tail(directory.open_events());
    try {
        tail.read([&end, &tell](const transfer::Event& event) {
            if (const auto* ended = std::get_if<transfer::Ended>(&event)) {
                end.said = *ended;
            } else {
                tell(event);
            }
        });
    } catch (const Error& error) {
        end.broken = error.what();
    }
    end.errors = directory.errors();
    return end;
}

} // namespace slipway::jobs
