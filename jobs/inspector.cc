// The keeper's events go to a file without a name, read when it has ended.

#include "jobs/inspector.hh"

#include <algorithm>
#include <csignal>
#include <optional>
#include <sstream>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::jobs {
namespace {

constexpr std::uint64_t kMaxEventBytes = 4 * MiB;

// One image, in one class.
std::string key_of(const transfer::Request& request) {
    return fmt::format("{}/{}", word(request.image_class), request.name);
}

// @throws Error  what the keeper said why it could not, or that it said nothing
transfer::Inspected read_answer(int events, const ChildExit& exit) {
    std::optional<transfer::Inspected> found;
    std::istringstream lines(read_all(events, kMaxEventBytes));
    for (std::string line; std::getline(lines, line);) {
        const transfer::Event event = transfer::parse_event(line);
        if (const auto* inspected = std::get_if<transfer::Inspected>(&event)) {
            found = *inspected;
        } else if (const auto* end = std::get_if<transfer::Ended>(&event);
                   end != nullptr && end->outcome != transfer::Outcome::Done) {
            throw Error(find_kind(end->kind).value_or(Kind::Other), "{}", end->text);
        }
    }
    if (!found) {
        throw Error(Kind::Internal, "slipway-transfer {} without saying what it found",
                    exit.description());
    }
    return *found;
}

} // namespace

void Inspector::ask(transfer::Request request, Answer answer, Failed failed) {
    const std::string key = key_of(request);
    const auto kept = kept_.find(key);
    if (kept != kept_.end() && Clock::now() - kept->second.since < kKept) {
        answer(kept->second.answer);
        return;
    }
    if (const auto running = running_.find(key); running != running_.end()) {
        running->second.question.listeners.push_back({std::move(answer), std::move(failed)});
        return;
    }
    const auto same = std::find_if(waiting_.begin(), waiting_.end(),
                                   [&](const Question& one) { return key_of(one.request) == key; });
    if (same != waiting_.end()) {
        same->listeners.push_back({std::move(answer), std::move(failed)});
        return;
    }
    if (waiting_.size() >= kWaiting) {
        failed(std::make_exception_ptr(
            Error(Kind::Limit, "{} questions about images wait already", waiting_.size())));
        return;
    }
    Question question{std::move(request), {}};
    question.listeners.push_back({std::move(answer), std::move(failed)});
    waiting_.push_back(std::move(question));
    start_waiting();
}

void Inspector::start_waiting() {
    while (running_.size() < kRunning && !waiting_.empty()) {
        Question question = std::move(waiting_.front());
        waiting_.pop_front();
        const std::vector<Listener> listeners = question.listeners;
        try {
            start(std::move(question));
        } catch (const std::exception&) {
            for (const Listener& listener : listeners) {
                listener.failed(std::current_exception());
            }
        }
    }
}

void Inspector::start(Question question) {
    question.request.id = transfer::make_id();
    const std::string key = key_of(question.request);
    const Fd line = make_sealed_memfd(transfer::to_json(question.request) + "\n");
    Fd events = make_memfd();
    ChildSpec spec;
    spec.program = find_program("slipway-transfer");
    spec.fds = {{line.get(), STDIN_FILENO}, {events.get(), STDOUT_FILENO}};
    spec.environment = environment_;
    spec.own_process_group = true;
    spec.capture_stderr = true;
    Running running{std::move(question), ChildProcess(spec), std::move(events), {}, {}};
    const int pidfd = running.child.pidfd();
    Running& there = running_.emplace(key, std::move(running)).first->second;
    there.exit = loop_.on_ready(pidfd, EPOLLIN, [this, key] { ended(key); });
    there.too_late = loop_.after(kPatience, [&child = there.child] { child.kill(SIGKILL); });
}

void Inspector::ended(const std::string& key) {
    auto node = running_.extract(key);
    Running& done = node.mapped();
    const ChildExit exit = done.child.wait();
    done.exit = {};
    done.too_late = {};
    try {
        if (exit.signaled && exit.code == SIGKILL) {
            throw Error(Kind::Busy, "reading {} took longer than {} s; nothing was changed",
                        quoted(done.question.request.name), kPatience.count());
        }
        const transfer::Inspected answer = read_answer(done.events.get(), exit);
        std::erase_if(kept_,
                      [](const auto& entry) { return Clock::now() - entry.second.since >= kKept; });
        kept_[key] = {answer, Clock::now()};
        for (const Listener& listener : done.question.listeners) {
            listener.answer(answer);
        }
    } catch (const std::exception&) {
        for (const Listener& listener : done.question.listeners) {
            listener.failed(std::current_exception());
        }
    }
    start_waiting();
}

} // namespace slipway::jobs
