// The one door to libcurl: single requests, several at a time, without redirects, resuming or
// patience, which are decided elsewhere.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include <poll.h>

#include "base/wait.hh"
#include "fetch/location.hh"
#include "fetch/receiver.hh"
#include "fetch/retry.hh"
#include "fetch/wire.hh"

namespace slipway::fetch {

/// What the environment of the program says; read by main.
struct Environment {
    Proxies proxies;
    std::string ca_file; ///< SSL_CERT_FILE
    std::string ca_dir;  ///< SSL_CERT_DIR
};

enum class Method { Get, Head };

struct Ask {
    Method method = Method::Get;
    std::string url;                         ///< user part included
    std::string proxy;                       ///< with its scheme; empty: none
    std::optional<std::uint64_t> from_bytes; ///< the rest of the file from this byte on …
    std::string if_range;                    ///< … if it is still this version
    bool no_cache = false;
};

/// How a request ended.
struct Got {
    Trouble trouble = Trouble::None;
    std::string reason;       ///< of the trouble, for people; URLs masked
    bool answered = false;    ///< a header came to its end
    std::string redirect_url; ///< Location, absolute; empty: there is none, or it is no URL
};

/// One request on its way. Destroyed before it has ended: given up.
class Exchange {
public:
    virtual ~Exchange() = default;
    /// Offers again what the receiver had no room for, if it has room now.
    virtual void go_on() = 0;
    /// How it ended; nothing while it is on its way.
    /// @throws  what the receiver has thrown
    virtual std::optional<Got> result() = 0;
    /// When to look again even if nothing comes.
    virtual Deadline deadline() const = 0;
};

/// The connections of a job, at most kMaxConnections; they stay open from one request to the next.
/// Outlives its exchanges. One thread.
class HttpClient {
public:
    HttpClient(const Settings& settings, const Environment& environment);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// @param receiver  must outlive the exchange
    std::unique_ptr<Exchange> begin(const Ask& what, Receiver& receiver);
    /// Moves all of them on, as far as it goes without waiting.
    void perform();
    /// Waits for the network, for one of `others`, or until the deadline.
    void wait(std::span<const pollfd> others, Deadline deadline);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// "libcurl/7.88.1 OpenSSL/3.0.22 …"; for `features`.
std::string http_engine();

} // namespace slipway::fetch
