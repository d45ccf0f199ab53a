// Those who are attached to a machine's console. The machine never waits for any of them: what one
// does not take is kept for it up to a limit, then it is put off.

#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <string>

#include "base/bytes.hh"
#include "base/fd.hh"
#include "spawn/console_link.hh"
#include "spawn/console_log.hh"

namespace slipway::spawn {

class ConsoleServer {
public:
    inline static constexpr std::size_t kMaxClients = 64;
    inline static constexpr std::size_t kMaxWaitingBytes = 1 * MiB; ///< for one of them

    /// Listens at console.sock in `directory`, for its owner alone.
    /// @param master  of the console's terminal, which does not block; borrowed
    /// @param log     tells newcomers what was said before; outlives this
    /// @throws Error
    ConsoleServer(const std::filesystem::path& directory, int master, const ConsoleLog& log);
    /// Tells them that the machine has ended.
    ~ConsoleServer();
    ConsoleServer(const ConsoleServer&) = delete;
    ConsoleServer& operator=(const ConsoleServer&) = delete;

    /// Readable when process() has something to do.
    int fd() const noexcept { return epoll_.get(); }
    /// Does what can be done without waiting. True: the terminal has another size.
    bool process();
    /// The console has said this.
    void say(Bytes said);

private:
    struct Client {
        Fd socket;
        std::deque<std::string> waiting{};
        std::size_t waiting_bytes = 0;
    };
    using Clients = std::map<int, Client>;

    void accept();
    bool hear(Client& client);
    void queue(Client& client, ConsoleWord word, std::string_view bytes);
    /// False: it has to go, since it takes too little.
    bool send(Client& client);
    void drop(int socket);
    void type();
    void watch(const Client& client);
    void watch_all();

    int master_;
    const ConsoleLog& log_;
    Fd epoll_;
    Fd listener_;
    Clients clients_;
    std::string typed_;              ///< what the terminal has not taken yet
    bool master_is_watched_ = false; ///< until it takes more
};

} // namespace slipway::spawn
