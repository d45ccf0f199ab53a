// Requests are queued, a cancel takes its request out of the queue.

#include "fetch/control.hh"

#include <utility>

#include <poll.h>

#include "base/error.hh"
#include "base/message.hh"

namespace slipway::fetch {
namespace {

// One is asked for at a time; a keeper that sends more than this has lost its mind.
constexpr std::size_t kMaxWaiting = 64;

bool is_readable(int fd) noexcept {
    pollfd one{fd, POLLIN, 0};
    return ::poll(&one, 1, 0) > 0;
}

} // namespace

std::optional<Settings> Control::settings() {
    const auto message = receive_message(socket_.get(), {});
    if (!message) {
        return std::nullopt;
    }
    return parse_settings(message->text);
}

std::optional<Job> Control::next() {
    while (waiting_.empty()) {
        if (keeper_left_ || !receive()) {
            return std::nullopt;
        }
    }
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    current_id_ = job.request.id;
    current_canceled_ = false;
    return job;
}

void Control::look() {
    while (!keeper_left_ && is_readable(socket_.get())) {
        receive();
    }
    if (keeper_left_ || current_canceled_) {
        throw Canceled();
    }
}

void Control::answer(const Answer& answer) {
    try {
        send_message(socket_.get(), to_json(current_id_, answer));
    } catch (const Error&) {
        keeper_left_ = true;
        throw Canceled();
    }
}

bool Control::receive() {
    std::optional<Message> message = receive_message(socket_.get(), {});
    if (!message) {
        keeper_left_ = true;
        return false;
    }
    auto asked = parse_request(message->text);
    if (const auto* cancel = std::get_if<Cancel>(&asked)) {
        current_canceled_ = current_canceled_ || cancel->id == current_id_;
        std::erase_if(waiting_, [&](const Job& job) { return job.request.id == cancel->id; });
        return true;
    }
    if (message->fds.size() != 1 || waiting_.size() == kMaxWaiting) {
        throw Error(Kind::Internal,
                    "a request brings one pipe, and {} wait at most; found {} and {}", kMaxWaiting,
                    message->fds.size(), waiting_.size());
    }
    waiting_.push_back({std::get<Request>(std::move(asked)), std::move(message->fds.front())});
    return true;
}

} // namespace slipway::fetch
