// Requests are queued, a cancel takes its request out of the queue.

#include "fetch/control.hh"

#include <utility>

#include <poll.h>

#include "base/error.hh"
#include "base/message.hh"

namespace slipway::fetch {
namespace {

// No more are asked for at a time than are carried out; a keeper that sends this many has lost its
// mind.
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

std::vector<std::uint64_t> Control::look() {
    std::vector<std::uint64_t> canceled;
    while (!keeper_left_ && is_readable(socket_.get())) {
        std::optional<Message> message = receive_message(socket_.get(), {});
        if (!message) {
            keeper_left_ = true;
            break;
        }
        auto asked = parse_request(message->text);
        if (auto* request = std::get_if<Request>(&asked)) {
            take_request(std::move(*request), std::move(message->fds));
            continue;
        }
        const std::uint64_t id = std::get<Cancel>(asked).id;
        if (std::erase_if(waiting_, [id](const Job& job) { return job.request.id == id; }) == 0) {
            canceled.push_back(id);
        }
    }
    return canceled;
}

void Control::take_request(Request request, std::vector<Fd> fds) {
    if (fds.size() != 1 || waiting_.size() == kMaxWaiting) {
        throw Error(Kind::Internal,
                    "a request brings one pipe, and {} wait at most; found {} and {}", kMaxWaiting,
                    fds.size(), waiting_.size());
    }
    waiting_.push_back({std::move(request), std::move(fds.front())});
}

std::optional<Job> Control::next() {
    if (waiting_.empty()) {
        return std::nullopt;
    }
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    return job;
}

void Control::answer(std::uint64_t id, const Answer& answer) {
    try {
        send_message(socket_.get(), to_json(id, answer));
    } catch (const Error&) {
        keeper_left_ = true;
    }
}

} // namespace slipway::fetch
