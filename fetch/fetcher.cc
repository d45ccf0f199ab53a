// Starting slipway-fetch, asking it, and saying how it died when it does.

#include "fetch/fetcher.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "base/wait.hh"

namespace slipway::fetch {
namespace {

using namespace std::chrono_literals;

// Enough for the kernel to carry on while either side works (measured: 64 KiB costs 10 % of CPU).
constexpr int kPipeBytes = 1 << 20;

std::pair<Fd, Fd> make_body_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    ::fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes); // where it is refused, the small one works as well
    return {Fd(ends[0]), Fd(ends[1])};
}

// Collects what the pipe holds. slipway-fetch keeps to the limit itself; it is not relied upon.
class Collector {
public:
    Collector(Fd pipe, std::uint64_t limit_bytes) : pipe_(std::move(pipe)), limit_(limit_bytes) {}

    int fd() const noexcept { return pipe_.get(); }
    bool at_end() const noexcept { return !pipe_; }
    std::string take() && { return std::move(content_); }
    std::uint64_t size() const noexcept { return content_.size(); }

    void read_some() {
        std::vector<char> buffer(64 * KiB);
        const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
        if (got < 0 && errno != EINTR && errno != EAGAIN) {
            throw errno_error("cannot read what was fetched");
        }
        if (got == 0) {
            pipe_.reset();
        }
        content_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
        if (content_.size() > limit_) {
            throw Error(Kind::Limit, "more than {} bytes came", limit_);
        }
    }

private:
    Fd pipe_;
    std::uint64_t limit_;
    std::string content_;
};

ChildSpec child_spec(const std::filesystem::path& program, const Fd& control) {
    ChildSpec spec;
    spec.program = program;
    spec.fds = {{control.get(), 3}};
    spec.own_process_group = true;
    spec.capture_stderr = true;
    return spec;
}

} // namespace

Fetcher::Fetcher(const Settings& settings, const std::filesystem::path& program)
    : Fetcher(settings, program, make_message_pair()) {}

Fetcher::Fetcher(const Settings& settings, const std::filesystem::path& program,
                 std::pair<Fd, Fd> sockets)
    : socket_(std::move(sockets.first)), child_(child_spec(program, sockets.second)) {
    send(to_json(settings), {});
}

Fd Fetcher::start(const Url& url, std::uint64_t limit_bytes, Cache cache) {
    auto [reading, writing] = make_body_pipe();
    const Request request{++last_id_, url.text(), limit_bytes, cache == Cache::LookAgain};
    send(to_json(request), {writing.get()});
    return std::move(reading);
}

Answer Fetcher::next(const std::stop_token& stop) {
    for (;;) {
        const std::optional<Message> message = receive_message(socket_.get(), stop);
        if (!message) {
            throw died();
        }
        IdentifiedAnswer answer = parse_answer(message->text);
        if (answer.id == last_id_) { // others belong to what was canceled
            return std::move(answer.answer);
        }
    }
}

void Fetcher::cancel() {
    try {
        send_message(socket_.get(), cancel_json(last_id_));
    } catch (const Error&) {
        // It is dead and does nothing any more; whoever asks it next is told.
    }
}

Document Fetcher::document(const Url& url, std::uint64_t limit_bytes, Cache cache,
                           const std::stop_token& stop,
                           const std::function<void(const Retry&)>& on_retry) {
    constexpr int kStarts = 3; // what changes under our hands time and again is refused
    std::string reason;
    for (int starts = 0; starts < kStarts; ++starts) {
        try {
            if (auto document = read_document(url, limit_bytes, cache, stop, on_retry, reason)) {
                return std::move(*document);
            }
        } catch (...) {
            cancel();
            throw;
        }
    }
    throw Error(Kind::Network, "cannot fetch {}: {}; gave up after {} fresh starts",
                quoted(url.masked()), reason, kStarts);
}

std::optional<Document> Fetcher::read_document(const Url& url, std::uint64_t limit_bytes,
                                               Cache cache, const std::stop_token& stop,
                                               const std::function<void(const Retry&)>& on_retry,
                                               std::string& changed) {
    Collector body(start(url, limit_bytes, cache), limit_bytes);
    Document document;
    std::optional<std::uint64_t> size;
    while (!size || !body.at_end()) {
        std::array<pollfd, 2> fds{{{size ? -1 : socket_.get(), POLLIN, 0}, {body.fd(), POLLIN, 0}}};
        poll_fds(fds, stop);
        if (fds[1].revents != 0) {
            body.read_some();
        }
        if (fds[0].revents == 0) {
            continue;
        }
        const Answer answer = next(stop);
        if (const auto* head = std::get_if<Head>(&answer)) {
            document.status = head->status;
            document.url = head->url;
        } else if (const auto* retry = std::get_if<Retry>(&answer)) {
            if (on_retry) {
                on_retry(*retry);
            }
        } else if (const auto* end = std::get_if<End>(&answer)) {
            size = end->size_bytes;
        } else if (const auto* status = std::get_if<Status>(&answer)) {
            return Document{status->status, "", status->url, status->proxy};
        } else if (const auto* other = std::get_if<Changed>(&answer)) {
            changed = other->reason;
            return std::nullopt;
        } else if (const auto* failure = std::get_if<Failure>(&answer)) {
            throw Error(failure->kind, "{}", failure->text);
        }
    }
    if (body.size() != *size) {
        throw Error(Kind::Internal, "slipway-fetch announced {} bytes and handed over {}", *size,
                    body.size());
    }
    document.content = std::move(body).take();
    return document;
}

void Fetcher::send(const std::string& message, const std::vector<int>& fds) {
    try {
        send_message(socket_.get(), message, fds);
    } catch (const Error&) {
        throw died();
    }
}

Error Fetcher::died() {
    // Its end of the socket is closed: it has ended, or is about to.
    if (!child_.wait_for(5s)) {
        child_.kill(SIGKILL);
    }
    const std::string how = child_.wait().description();
    std::string said = child_.stderr_tail();
    while (said.ends_with('\n')) {
        said.pop_back();
    }
    return Error(Kind::Internal, "slipway-fetch {}{}", how,
                 said.empty() ? "" : fmt::format(" and said {}", quoted(said)));
}

} // namespace slipway::fetch
