// One thread accepts, one serves each connection. Everything that blocks is ended by shutting the
// sockets down.

#include "tests/support/http_server.hh"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.hh"
#include "tests/support/http_answer.hh"
#include "tests/support/loopback.hh"

namespace slipway::tests {
namespace {

constexpr std::uint16_t kHttpPort = 80;

class PlainTransport final : public Transport {
public:
    explicit PlainTransport(int fd) : fd_(fd) {}
    std::size_t read(std::span<char> into) override {
        const ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
        return got < 0 ? 0 : static_cast<std::size_t>(got);
    }
    bool write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) {
                return false;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

private:
    int fd_;
};

std::unique_ptr<Transport> plain_transport(int fd) {
    return std::make_unique<PlainTransport>(fd);
}

// What is no escape stays as it is.
std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned byte = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(digits, digits + 2, byte, 16).ptr == digits + 2) {
            decoded += static_cast<char>(byte);
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

} // namespace

struct HttpServer::State {
    State(std::string name, MakeTransport make, Hosts whose = Hosts::One)
        : scheme(std::move(name)), transport(std::move(make)), hosts(whose),
          port(whose == Hosts::All ? kHttpPort : 0) {}

    const std::string scheme;
    const MakeTransport transport;
    const Hosts hosts;
    std::uint16_t port;
    std::atomic<std::uint64_t> sent_bytes{0};

    mutable std::mutex mutex; // guards everything below
    mutable std::condition_variable changed;
    std::map<std::string, std::shared_ptr<const Resource>> resources;
    std::map<std::string, std::deque<Behaviour>> next;
    std::map<std::string, Behaviour> always;
    std::map<std::string, int> missing; // statuses by prefix
    std::vector<SeenRequest> seen;
    std::vector<int> open; // connections, for shutting them down
    unsigned connections = 0;
    bool released = false;
    bool down = false;

    std::list<std::jthread> serving; // touched by the accepting thread, and when it has ended
    Fd listener;
    std::jthread accepting;

    void start() {
        listener = listen_on(port);
        port = port_of(listener);
        accepting = std::jthread([this] { accept_all(); });
    }

    void stop() {
        {
            const std::lock_guard lock(mutex);
            down = true;
            for (const int fd : open) {
                ::shutdown(fd, SHUT_RDWR);
            }
        }
        changed.notify_all();
        ::shutdown(listener.get(), SHUT_RDWR); // wakes accept(2)
        if (accepting.joinable()) {
            accepting.join();
        }
        serving.clear();
        listener.reset();
    }

    void accept_all() {
        for (;;) {
            Fd client(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client) {
                return;
            }
            const std::lock_guard lock(mutex);
            if (down) {
                return;
            }
            open.push_back(client.get());
            ++connections;
            serving.emplace_back([this, number = connections, fd = std::move(client)]() mutable {
                serve_connection(std::move(fd), number);
            });
        }
    }

    void serve_connection(Fd client, unsigned number) {
        sigset_t pipe_signal;
        sigemptyset(&pipe_signal);
        sigaddset(&pipe_signal, SIGPIPE); // TLS libraries write without MSG_NOSIGNAL
        ::pthread_sigmask(SIG_BLOCK, &pipe_signal, nullptr);
        const int yes = 1;
        ::setsockopt(client.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (const auto line = transport(client.get())) {
            std::string had;
            while (serve_request(*line, client.get(), had, number)) {
            }
        }
        const std::lock_guard lock(mutex);
        std::erase(open, client.get());
        client.reset();
    }

    // False when the connection is to be closed.
    bool serve_request(Transport& line, int fd, std::string& had, unsigned number) {
        std::size_t end = had.find("\r\n\r\n");
        while (end == std::string::npos) {
            std::array<char, 16384> buffer{};
            const std::size_t got = line.read(buffer);
            if (got == 0) {
                return false;
            }
            had.append(buffer.data(), got);
            end = had.find("\r\n\r\n");
        }
        SeenRequest request = parse_request_header(std::string_view(had).substr(0, end));
        request.connection = number;
        if (hosts == Hosts::All) {
            request.path = "//" + request.header("Host") + percent_decoded(request.path);
        }
        had.erase(0, end + 4);
        const auto [resource, behaviour] = note(request);
        return answer(line, fd, make_answer(request, resource, behaviour), behaviour);
    }

    std::pair<std::shared_ptr<const Resource>, Behaviour> note(const SeenRequest& request) {
        const std::lock_guard lock(mutex);
        seen.push_back(request);
        changed.notify_all();
        const auto found = resources.find(request.path);
        const auto resource = found == resources.end() ? nullptr : found->second;
        auto& script = next[request.path];
        if (!script.empty()) {
            Behaviour first = std::move(script.front());
            script.pop_front();
            return {resource, std::move(first)};
        }
        const auto rule = always.find(request.path);
        if (rule != always.end()) {
            return {resource, rule->second};
        }
        const auto absent = std::find_if(missing.begin(), missing.end(), [&](const auto& row) {
            return request.path.starts_with(row.first);
        });
        return {resource,
                resource || absent == missing.end() ? Behaviour() : answering(absent->second)};
    }

    bool answer(Transport& line, int fd, const HttpAnswer& what, const Behaviour& how) {
        if (how.raw) {
            line.write(*how.raw);
            return false;
        }
        const std::string_view header = what.header;
        const auto to_line = [&line](std::string_view piece) { return line.write(piece); };
        const std::size_t header_step = how.trickle_header ? how.trickle_bytes : 0;
        if (!send(header.substr(0, how.stop_in_header.value_or(header.size())), header_step, how,
                  to_line) ||
            (how.stop_in_header && !stop_here(fd, how))) {
            return false;
        }
        if (how.stop_in_header) {
            line.write(header.substr(std::min<std::size_t>(*how.stop_in_header, header.size())));
        }
        const std::size_t stop =
            std::min<std::size_t>(how.stop_in_body.value_or(~0ULL), what.body.size());
        do {
            if (!send_body(line, what.body.substr(0, stop), how)) {
                return false;
            }
        } while (how.endless);
        if (how.stop_in_body &&
            (!stop_here(fd, how) || !send_body(line, what.body.substr(stop), how))) {
            return false;
        }
        if (how.framing == Behaviour::Framing::Chunked && !line.write("0\r\n\r\n")) {
            return false;
        }
        return what.keep_alive;
    }

    bool send_body(Transport& line, std::string_view body, const Behaviour& how) {
        const auto to_line = [&](std::string_view piece) {
            sent_bytes += piece.size();
            return how.framing == Behaviour::Framing::Chunked
                       ? line.write(fmt::format("{:x}\r\n{}\r\n", piece.size(), piece))
                       : line.write(piece);
        };
        return send(body, how.trickle_bytes, how, to_line);
    }

    // In pieces of `step` bytes, with a pause before each; 0: in large ones, without.
    template <typename Write>
    bool send(std::string_view bytes, std::size_t step, const Behaviour& how, Write write) {
        constexpr std::size_t kLarge = 4 << 20;
        while (!bytes.empty()) {
            const std::string_view piece = bytes.substr(0, step > 0 ? step : kLarge);
            if ((step > 0 && !pause(how.trickle_pause)) || !write(piece)) {
                return false;
            }
            bytes.remove_prefix(piece.size());
        }
        return true;
    }

    // True when a stalled answer was let go on.
    bool stop_here(int fd, const Behaviour& how) {
        switch (how.stop) {
        case Behaviour::Stop::Close:
            return false;
        case Behaviour::Stop::Reset:
            reset_on_close(fd);
            return false;
        case Behaviour::Stop::Stall:
            break;
        }
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return released || down; });
        return !down;
    }

    // False when the server goes down meanwhile.
    bool pause(std::chrono::milliseconds time) {
        std::unique_lock lock(mutex);
        return !changed.wait_for(lock, time, [this] { return down; });
    }
};

HttpServer::HttpServer() : HttpServer(Hosts::One) {}

HttpServer::HttpServer(Hosts hosts)
    : state_(std::make_unique<State>("http", plain_transport, hosts)) {
    state_->start();
}

HttpServer::HttpServer(std::string scheme, MakeTransport transport)
    : state_(std::make_unique<State>(std::move(scheme), std::move(transport))) {
    state_->start();
}

HttpServer::~HttpServer() {
    state_->stop();
}

std::string HttpServer::url(std::string_view path, std::string_view host) const {
    return fmt::format("{}://{}:{}{}", state_->scheme, host, state_->port, path);
}

std::uint16_t HttpServer::port() const noexcept {
    return state_->port;
}

void HttpServer::serve(const std::string& path, Resource resource) {
    const std::lock_guard lock(state_->mutex);
    state_->resources[path] = std::make_shared<Resource>(std::move(resource));
}

void HttpServer::serve(const std::string& path, std::string content) {
    serve(path, Resource{std::move(content)});
}

void HttpServer::remove(const std::string& path) {
    const std::lock_guard lock(state_->mutex);
    state_->resources.erase(path);
}

void HttpServer::answer_missing(const std::string& prefix, int status) {
    const std::lock_guard lock(state_->mutex);
    state_->missing[prefix] = status;
}

void HttpServer::on(const std::string& path, std::vector<Behaviour> next) {
    const std::lock_guard lock(state_->mutex);
    state_->next[path].assign(next.begin(), next.end());
}

void HttpServer::always(const std::string& path, Behaviour behaviour) {
    const std::lock_guard lock(state_->mutex);
    state_->always[path] = std::move(behaviour);
}

void HttpServer::release() {
    const std::lock_guard lock(state_->mutex);
    state_->released = true;
    state_->changed.notify_all();
}

void HttpServer::go_down() {
    state_->stop();
}

void HttpServer::come_up() {
    state_->down = false;
    state_->start();
}

std::vector<SeenRequest> HttpServer::requests(std::string_view path) const {
    const std::lock_guard lock(state_->mutex);
    std::vector<SeenRequest> found;
    std::copy_if(state_->seen.begin(), state_->seen.end(), std::back_inserter(found),
                 [path](const SeenRequest& one) { return path.empty() || one.path == path; });
    return found;
}

void HttpServer::wait_for_requests(std::string_view path, std::size_t count) const {
    std::unique_lock lock(state_->mutex);
    const auto enough = [&] {
        return static_cast<std::size_t>(
                   std::count_if(state_->seen.begin(), state_->seen.end(),
                                 [path](const auto& one) { return one.path == path; })) >= count;
    };
    if (!state_->changed.wait_for(lock, std::chrono::seconds(20), enough)) {
        throw std::runtime_error(fmt::format("{} was not asked for {} times", path, count));
    }
}

std::uint64_t HttpServer::sent_bytes() const noexcept {
    return state_->sent_bytes;
}

unsigned HttpServer::connections() const noexcept {
    const std::lock_guard lock(state_->mutex);
    return state_->connections;
}

} // namespace slipway::tests
