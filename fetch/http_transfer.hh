// The one door to libcurl: a single GET at a time, without redirects, resuming or patience, which
// are decided elsewhere.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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

struct Get {
    std::string url;                         ///< user part included
    std::string proxy;                       ///< with its scheme; empty: none
    std::optional<std::uint64_t> from_bytes; ///< the rest of the file from this byte on …
    std::string if_range;                    ///< … if it is still this version
    bool no_cache = false;
};

/// How a GET ended.
struct Got {
    Trouble trouble = Trouble::None;
    std::string reason;       ///< of the trouble, for people; URLs masked
    bool answered = false;    ///< a header came to its end
    std::string redirect_url; ///< Location, absolute; empty: there is none, or it is no URL
};

/// Keeps connections open between one GET and the next. One thread.
class HttpClient {
public:
    HttpClient(const Settings& settings, const Environment& environment);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    Got get(const Get& what, Receiver& receiver);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// "libcurl/7.88.1 OpenSSL/3.0.22 …"; for `features`.
std::string http_engine();

} // namespace slipway::fetch
