// epoll(7), so that the supervisor's loop sees one descriptor. What is typed is taken from nobody
// as long as the terminal has not taken what was typed before.

#include "spawn/console_server.hh"

#include <array>
#include <cerrno>
#include <cstring>

#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "spawn/socket_address.hh"

namespace slipway::spawn {
namespace {

constexpr int kBacklog = 8;

void control(const Fd& epoll, int operation, int fd, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    ::epoll_ctl(epoll.get(), operation, fd, &event);
}

void set_size(int master, std::string_view bytes) {
    std::array<unsigned short, 2> numbers{};
    if (bytes.size() == sizeof numbers) {
        std::memcpy(numbers.data(), bytes.data(), sizeof numbers);
        winsize size{};
        size.ws_row = numbers[0];
        size.ws_col = numbers[1];
        ::ioctl(master, TIOCSWINSZ, &size);
    }
}

} // namespace

ConsoleServer::ConsoleServer(const std::filesystem::path& directory, int master,
                             const ConsoleLog& log)
    : master_(master), log_(log), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const std::filesystem::path path = directory / kConsoleSocket;
    const sockaddr_un address = socket_address(path);
    // Closed to others before anybody can connect.
    if (!epoll_ || !listener_ ||
        ::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
        ::chmod(path.c_str(), 0600) < 0 || ::listen(listener_.get(), kBacklog) < 0) {
        throw errno_error("cannot listen at {}", quoted(path.string()));
    }
    control(epoll_, EPOLL_CTL_ADD, listener_.get(), EPOLLIN);
}

ConsoleServer::~ConsoleServer() {
    for (auto& [number, client] : clients_) {
        queue(client, ConsoleWord::Over, "");
        send(client);
    }
}

bool ConsoleServer::process() {
    bool resized = false;
    std::array<epoll_event, kMaxClients> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), 0);
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events.at(static_cast<std::size_t>(i));
        if (event.data.fd == listener_.get()) {
            accept();
        } else if (event.data.fd == master_) {
            type();
        } else if (const auto found = clients_.find(event.data.fd); found != clients_.end()) {
            // What was typed is heard to its end, also from one that has gone.
            if ((event.events & EPOLLIN) != 0) {
                resized = hear(found->second) || resized;
            } else if ((event.events & (EPOLLHUP | EPOLLERR)) != 0 || !send(found->second)) {
                drop(event.data.fd);
            }
        }
    }
    return resized;
}

void ConsoleServer::accept() {
    Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!socket || clients_.size() >= kMaxClients) {
        return;
    }
    const int number = socket.get();
    Client& client = clients_[number];
    client.socket = std::move(socket);
    control(epoll_, EPOLL_CTL_ADD, number, EPOLLIN);
    const std::string past = log_.text();
    for (std::size_t at = 0; at < past.size(); at += kMaxConsoleBytes) {
        queue(client, ConsoleWord::Past, std::string_view(past).substr(at, kMaxConsoleBytes));
    }
    queue(client, ConsoleWord::Past, "");
    if (!send(client)) {
        drop(number);
    }
}

// True: the terminal has another size.
bool ConsoleServer::hear(Client& client) {
    std::array<char, kMaxConsoleBytes + 1> bytes{};
    const ssize_t got =
        typed_.empty() ? ::recv(client.socket.get(), bytes.data(), bytes.size(), 0) : -1;
    if (got == 0) {
        drop(client.socket.get());
    }
    if (got <= 0) {
        return false;
    }
    const std::string_view said(bytes.data() + 1, static_cast<std::size_t>(got) - 1);
    switch (static_cast<ConsoleWord>(bytes.front())) {
    case ConsoleWord::Typed:
        typed_ = said;
        type();
        return false;
    case ConsoleWord::Size:
        set_size(master_, said);
        return true;
    default:
        return false;
    }
}

void ConsoleServer::say(Bytes said) {
    for (auto client = clients_.begin(); client != clients_.end();) {
        const auto next = std::next(client);
        queue(client->second, ConsoleWord::Said, as_text(said));
        if (!send(client->second)) {
            drop(client->first);
        }
        client = next;
    }
}

void ConsoleServer::queue(Client& client, ConsoleWord word, std::string_view bytes) {
    client.waiting.push_back(static_cast<char>(word) + std::string(bytes));
    client.waiting_bytes += client.waiting.back().size();
}

bool ConsoleServer::send(Client& client) {
    while (!client.waiting.empty()) {
        const std::string& first = client.waiting.front();
        if (::send(client.socket.get(), first.data(), first.size(), MSG_NOSIGNAL) < 0) {
            if (errno != EAGAIN) {
                client.waiting.clear(); // it has gone
                client.waiting_bytes = 0;
            }
            watch(client);
            return client.waiting.empty() || client.waiting_bytes <= kMaxWaitingBytes;
        }
        client.waiting_bytes -= first.size();
        client.waiting.pop_front();
    }
    watch(client);
    return true;
}

void ConsoleServer::drop(int socket) {
    clients_.erase(socket); // closed, it is watched no more
}

void ConsoleServer::type() {
    while (!typed_.empty()) {
        const ssize_t wrote = ::write(master_, typed_.data(), typed_.size());
        if (wrote < 0) {
            break;
        }
        typed_.erase(0, static_cast<std::size_t>(wrote));
    }
    if (typed_.empty() == master_is_watched_) {
        master_is_watched_ = !typed_.empty();
        control(epoll_, master_is_watched_ ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, master_, EPOLLOUT);
        watch_all();
    }
}

void ConsoleServer::watch(const Client& client) {
    control(epoll_, EPOLL_CTL_MOD, client.socket.get(),
            (master_is_watched_ ? 0U : unsigned{EPOLLIN}) |
                (client.waiting.empty() ? 0U : unsigned{EPOLLOUT}));
}

void ConsoleServer::watch_all() {
    for (const auto& [number, client] : clients_) {
        watch(client);
    }
}

} // namespace slipway::spawn
