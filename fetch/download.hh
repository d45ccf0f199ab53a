// One request from its first attempt to its answer: redirects, resuming, patience. It never waits:
// the loop that serves several at a time moves it on.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include <poll.h>

#include "fetch/body_pipe.hh"
#include "fetch/control.hh"
#include "fetch/http_transfer.hh"
#include "fetch/resume.hh"

namespace slipway::fetch {

/// What the requests of one job share.
struct Session {
    Session(Control& control_, const Settings& settings_, const Environment& environment)
        : control(control_), settings(settings_), proxies(environment.proxies),
          client(settings_, environment) {}

    Control& control;
    Settings settings;
    Proxies proxies;
    HttpClient client;
    bool answered = false; ///< anything, by any server
};

/// Single use. Destroyed before its answer: given up.
class Download final : private Receiver {
public:
    Download(Session& session, Job job);
    Download(const Download&) = delete;
    Download& operator=(const Download&) = delete;

    std::uint64_t id() const noexcept { return request_.id; }
    /// Does what can be done now and gives the answer that ends the request, once. The pipe stays
    /// open until the object goes, so that its end is not seen before the answer.
    /// @throws Canceled  nobody wants an answer: the pipe's reader has left
    std::optional<Answer> advance();
    /// When to call advance() even if nothing comes.
    Deadline deadline() const;
    /// What to wait for besides the network.
    pollfd waker() const noexcept;

private:
    // Why an attempt brought no answer.
    struct Failed {
        Trouble trouble = Trouble::None;
        std::string reason;
        std::optional<std::chrono::seconds> retry_after;
    };

    bool on_header(const Response& response) override;
    bool on_body(Bytes data) override;
    bool has_room() const override { return pipe_.is_empty(); }

    std::optional<Answer> step();
    std::optional<Answer> end_attempt(const Got& got);
    void begin_attempt();
    void ask();
    void follow(const std::string& redirect_url);
    void come_again(const Failed& failed);
    std::optional<Answer> conclude(const Got& got, Failed& failed);
    std::optional<Answer> conclude_body(const Got& got, Failed& failed);
    std::optional<Answer> conclude_without_body(Failed& failed);
    void begin(const Response& response);
    std::string described() const;

    Session& session_;
    const Request request_;
    BodyPipe pipe_;
    Method method_;
    Progress progress_;
    std::string found_at_;         ///< where the body came from; a retry asks there first
    bool short_cut_ = false;       ///< this attempt began there, not at the URL of the request
    std::string asked_;            ///< where we asked last
    std::string proxy_;            ///< by way of this one
    unsigned hops_ = 0;            ///< redirects followed in this attempt
    unsigned failures_ = 0;        ///< attempts in a row without progress
    std::uint64_t had_before_ = 0; ///< bytes, when this attempt began
    std::chrono::steady_clock::time_point not_before_{}; ///< the next attempt
    Response response_;                                  ///< the last answer
    Decision decision_;                                  ///< about it
    std::uint64_t skip_bytes_ = 0;                       ///< of the body that comes, still
    std::optional<Answer> end_;          ///< given once the pipe has taken everything
    std::unique_ptr<Exchange> exchange_; ///< the request on its way; first to go
};

} // namespace slipway::fetch
