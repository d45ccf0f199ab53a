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
#include "fetch/wire.hh"

namespace slipway::fetch {

/// A document that was fetched whole.
struct Document {
    int status = 0;      ///< 200, 203, or the server's final answer (404 …); then no content
    std::string content; ///< what came, at most the limit
    std::string url;     ///< effective, masked
    std::string proxy;   ///< masked; it may have answered in the server's place. Empty: none
};

enum class Cache { Use, LookAgain };

/// A document that is to be fetched ahead.
struct Wanted {
    Url url;
    std::uint64_t limit_bytes = 0;
    Cache cache = Cache::Use;
};

/// For the whole of a job.
inline constexpr unsigned kMaxConnections = 4;

/// One slipway-fetch for the life of a job. One thread.
class Fetcher {
public:
    /// @throws Error  NotFound: the program is missing
    explicit Fetcher(const Settings& settings,
                     const std::filesystem::path& program = find_program("slipway-fetch"));

    /// Fetches a small document into memory.
    /// @param on_retry  called for every attempt that failed; may be empty
    /// @throws Error Network (it did not come, after retries), Limit (over `limit_bytes`),
    ///         Internal (slipway-fetch died: how it ended); Canceled
    Document document(const Url& url, std::uint64_t limit_bytes, Cache cache,
                      const std::stop_token& stop,
                      const std::function<void(const Retry&)>& on_retry);

    /// Documents that will probably be asked for, in this order: they are fetched ahead over at
    /// most kMaxConnections connections, while earlier ones are read. document() takes the answer
    /// of one that was announced with the same limit and cache from here, and waits for it if need
    /// be. Replaces what was announced before; what is not announced again is given up. A failure
    /// counts only when it is asked for.
    void expect(std::vector<Wanted> documents);

    /// What the server says of a file, without its body.
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
    /// Nothing when the document changed meanwhile; then `changed` says why.
    std::optional<Document> read_document(const Url& url, std::uint64_t limit_bytes, Cache cache,
                                          const std::stop_token& stop,
                                          const std::function<void(const Retry&)>& on_retry,
                                          std::string& changed);
    void send(const std::string& message, const std::vector<int>& fds);
    Error died();

    Fd socket_;
    ChildProcess child_;
    std::uint64_t last_id_ = 0;
};

} // namespace slipway::fetch
