// The keeper's end of slipway-fetch: starts the program and asks it. Links no HTTP library.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/url.hh"
#include "fetch/announced.hh"
#include "fetch/incoming.hh"
#include "fetch/wire.hh"

namespace slipway::fetch {

/// A document that was fetched whole.
struct Document {
    int status = 0;      ///< 200, 203, or the server's final answer (404 …); then no content
    std::string content; ///< what came, at most the limit
    std::string url;     ///< effective, masked
    std::string proxy;   ///< masked; it may have answered in the server's place. Empty: none
};

/// One slipway-fetch for the life of a job. One thread.
class Fetcher {
public:
    /// @throws Error  NotFound: the program is missing
    explicit Fetcher(const Settings& settings,
                     const std::filesystem::path& program = find_program("slipway-fetch"));

    /// Fetches a small document into memory. Gives up what start() has begun.
    /// @param on_retry  called for every attempt that failed; may be empty
    /// @throws Error Network (it did not come, after retries), Limit (over `limit_bytes`),
    ///         Internal (slipway-fetch died: how it ended); Canceled
    Document document(const Url& url, std::uint64_t limit_bytes, Cache cache,
                      const std::stop_token& stop,
                      const std::function<void(const Retry&)>& on_retry);

    /// Documents that will probably be asked for, in this order: they are fetched ahead, at most
    /// kMaxConnections at a time, while earlier ones are read. document() takes the answer of one
    /// that was announced with the same limit and cache from here, and waits for it if need be.
    /// Replaces what was announced before; what is not announced again is given up. A failure
    /// counts only when it is asked for. Nothing is fetched ahead while a large file is on its way,
    /// and start() gives up what has not come by then.
    void expect(std::vector<Wanted> documents);

    /// What the server says of a file, without its body; gives up what start() has begun. By HEAD,
    /// and where that may be what is refused by a GET that is given up after the head.
    /// @throws Error  as document()
    std::variant<Head, Status> look(const Url& url, Cache cache, const std::stop_token& stop,
                                    const std::function<void(const Retry&)>& on_retry);

    /// Starts fetching a large file; the answers come by next(). The returned descriptor is the
    /// reading end of a kernel pipe that goes straight to the program that unpacks. What ended
    /// the request is sent before the pipe is closed: whoever sees its end finds the reason here.
    Fd start(const Url& url, std::uint64_t limit_bytes, Cache cache);
    /// The next answer to what start() has begun. For poll(2) see socket(). Nothing comes any more
    /// after cancel(), and when the reader of the pipe has closed it.
    /// @throws Error  Internal: slipway-fetch died: how it ended
    Answer next(const std::stop_token& stop);
    /// Readable when an answer waits or the program has ended.
    int socket() const noexcept { return socket_.get(); }
    /// Gives up what start() has begun; the pipe is closed by slipway-fetch.
    void cancel();
    pid_t pid() const noexcept { return child_.pid(); }

private:
    Fetcher(const Settings& settings, const std::filesystem::path& program,
            std::pair<Fd, Fd> sockets);
    Fd request(Request what, int pipe_bytes);
    Incoming request_document(const Wanted& wanted);
    Incoming take_announced(const Wanted& wanted);
    // Asks for what was announced and has room beside `others` that are under way.
    void begin_ahead(unsigned others);
    // For one that is waited for.
    void make_room();
    void wait_for(Incoming& asked, const std::stop_token& stop,
                  const std::function<void(const Retry&)>& on_retry);
    void turn(Incoming& asked, const std::stop_token& stop);
    IdentifiedAnswer receive(const std::stop_token& stop);
    void cancel(const Announced::Ids& ids);
    void send(const std::string& message, const std::vector<int>& fds);
    Error died();

    Fd socket_;
    ChildProcess child_;
    std::uint64_t last_id_ = 0;
    std::uint64_t file_id_ = 0; ///< what start() has begun
    bool file_under_way_ = false;
    Announced announced_;
};

} // namespace slipway::fetch
