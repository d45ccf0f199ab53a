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
constexpr int kFilePipeBytes = 1 << 20;
constexpr int kDocumentPipeBytes = 1 << 16;
std::pair<Fd, Fd> make_body_pipe(int bytes) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    ::fcntl(ends[1], F_SETPIPE_SZ, bytes); // where it is refused, the small one works as well
    return {Fd(ends[0]), Fd(ends[1])};
}

[[noreturn]] void raise(const Failure& failure) {
    throw Error(failure.kind, "{}", failure.text);
}

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

Fd Fetcher::request(Request what, int pipe_bytes) {
    auto [reading, writing] = make_body_pipe(pipe_bytes);
    what.id = ++last_id_;
    send(to_json(what), {writing.get()});
    return std::move(reading);
}

Fd Fetcher::start(const Url& url, std::uint64_t limit_bytes, Cache cache) {
    cancel(announced_.put_back_all());
    Fd pipe = request({0, url.text(), limit_bytes, cache == Cache::LookAgain}, kFilePipeBytes);
    file_id_ = last_id_;
    file_under_way_ = true;
    return pipe;
}

Answer Fetcher::next(const std::stop_token& stop) {
    for (;;) {
        IdentifiedAnswer answer = receive(stop);
        if (answer.id == file_id_) {
            file_under_way_ = std::holds_alternative<Head>(answer.answer) ||
                              std::holds_alternative<Retry>(answer.answer);
            return std::move(answer.answer);
        }
    }
}

void Fetcher::cancel() {
    file_under_way_ = false;
    cancel({file_id_});
}

void Fetcher::cancel(const Announced::Ids& ids) {
    try {
        for (const std::uint64_t id : ids) {
            send_message(socket_.get(), cancel_json(id));
        }
    } catch (const Error&) {
        // It is dead and does nothing any more; whoever asks it next is told.
    }
}

void Fetcher::expect(std::vector<Wanted> documents) {
    cancel(announced_.replace(std::move(documents)));
    if (!file_under_way_) {
        begin_ahead(0);
    }
}

void Fetcher::begin_ahead(unsigned others) {
    while (others + announced_.count_under_way() < kMaxConnections) {
        Announced::Ahead* ahead = announced_.next();
        if (ahead == nullptr) {
            return;
        }
        ahead->incoming = request_document(ahead->wanted);
    }
}

void Fetcher::make_room() {
    if (file_under_way_) {
        cancel();
    }
    if (announced_.count_under_way() == kMaxConnections) {
        cancel(announced_.put_back_last());
    }
}

Incoming Fetcher::request_document(const Wanted& wanted) {
    Fd pipe = request({0, wanted.url.text(), wanted.limit_bytes, wanted.cache == Cache::LookAgain},
                      kDocumentPipeBytes);
    return {last_id_, std::move(pipe), wanted.limit_bytes};
}

Incoming Fetcher::take_announced(const Wanted& wanted) {
    std::optional<Incoming> incoming = announced_.take(wanted);
    if (!incoming) {
        make_room();
        incoming = request_document(wanted);
    }
    return std::move(*incoming);
}

Document Fetcher::document(const Url& url, std::uint64_t limit_bytes, Cache cache,
                           const std::stop_token& stop,
                           const std::function<void(const Retry&)>& on_retry) {
    constexpr int kStarts = 3; // what changes under our hands time and again is refused
    const Wanted wanted{url, limit_bytes, cache};
    std::string reason;
    for (int starts = 0; starts < kStarts; ++starts) {
        Incoming asked = take_announced(wanted);
        wait_for(asked, stop, on_retry);
        const Answer& last = asked.last();
        if (const auto* end = std::get_if<End>(&last)) {
            if (asked.held_bytes() != end->size_bytes) {
                throw Error(Kind::Internal, "slipway-fetch announced {} bytes and handed over {}",
                            end->size_bytes, asked.held_bytes());
            }
            const Head& head = asked.head();
            return {head.status, std::move(asked).take_content(), head.url, ""};
        }
        if (const auto* status = std::get_if<Status>(&last)) {
            return {status->status, "", status->url, status->proxy};
        }
        if (const auto* failure = std::get_if<Failure>(&last)) {
            raise(*failure);
        }
        reason = std::get<Changed>(last).reason;
    }
    throw Error(Kind::Network, "cannot fetch {}: {}; gave up after {} fresh starts",
                quoted(url.masked()), reason, kStarts);
}

std::variant<Head, Status> Fetcher::look(const Url& url, Cache cache, const std::stop_token& stop,
                                         const std::function<void(const Retry&)>& on_retry) {
    make_room();
    Fd pipe = request({0, url.text(), 0, cache == Cache::LookAgain, true}, kDocumentPipeBytes);
    Incoming asked(last_id_, std::move(pipe), 0);
    wait_for(asked, stop, on_retry);
    if (const auto* status = std::get_if<Status>(&asked.last())) {
        return *status;
    }
    if (const auto* failure = std::get_if<Failure>(&asked.last())) {
        raise(*failure);
    }
    return asked.head();
}

void Fetcher::wait_for(Incoming& asked, const std::stop_token& stop,
                       const std::function<void(const Retry&)>& on_retry) {
    const auto tell = [&] {
        const std::optional<Retry> retry = asked.take_retry();
        if (retry && on_retry) {
            on_retry(*retry);
        }
    };
    try {
        tell();
        while (!asked.is_complete()) {
            begin_ahead(asked.is_under_way() ? 1 : 0);
            turn(asked, stop);
            tell();
        }
    } catch (...) {
        cancel({asked.id()});
        throw;
    }
}

void Fetcher::turn(Incoming& asked, const std::stop_token& stop) {
    std::vector<Incoming*> readers = announced_.readers();
    readers.push_back(&asked);
    std::vector<pollfd> fds;
    for (const Incoming* reader : readers) {
        fds.push_back({reader->pipe(), POLLIN, 0});
    }
    fds.push_back({asked.is_under_way() ? socket_.get() : -1, POLLIN, 0});
    poll_fds(fds, stop);
    for (std::size_t i = 0; i < readers.size(); ++i) {
        if (fds[i].revents != 0) {
            readers[i]->read_some();
        }
    }
    if (fds.back().revents != 0) {
        IdentifiedAnswer answer = receive(stop);
        if (answer.id == asked.id()) {
            asked.hear(std::move(answer.answer));
        }
    }
}

IdentifiedAnswer Fetcher::receive(const std::stop_token& stop) {
    const std::optional<Message> message = receive_message(socket_.get(), stop);
    if (!message) {
        throw died();
    }
    IdentifiedAnswer answer = parse_answer(message->text);
    announced_.hear(answer); // one that finds nobody belongs to what was canceled
    return answer;
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
