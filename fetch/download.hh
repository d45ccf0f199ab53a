// One request from its first attempt to its answer: redirects, resuming, patience.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

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

/// Single use.
class Download final : private Receiver {
public:
    Download(Session& session, Job job);
    /// Carries the request out and gives the answer that ends it. The pipe stays open until the
    /// object goes, so that its end is not seen before the answer.
    /// @throws Canceled  nobody wants an answer: canceled, the keeper or the pipe's reader left
    Answer run();

private:
    // Why an attempt brought no answer.
    struct Failed {
        Trouble trouble = Trouble::None;
        std::string reason;
        std::optional<std::chrono::seconds> retry_after;
    };

    bool on_header(const Response& response) override;
    bool on_body(Bytes data) override;
    bool on_turn() override;
    std::vector<pollfd> wakers() const override;

    Answer attempt_until_answered();
    Got ask();
    std::optional<Answer> conclude(const Got& got, Failed& failed);
    std::optional<Answer> conclude_body(const Got& got, Failed& failed);
    std::optional<Answer> conclude_without_body(Failed& failed);
    void begin(const Response& response);
    void wait(std::chrono::milliseconds delay);
    void drain();
    std::string described() const;

    Session& session_;
    const Request request_;
    BodyPipe pipe_;
    Progress progress_;
    std::string found_at_;         ///< where the body came from; a retry asks there first
    bool short_cut_ = false;       ///< this attempt began there, not at the URL of the request
    std::string asked_;            ///< where we asked last
    std::string proxy_;            ///< by way of this one
    Response response_;            ///< the last answer
    Decision decision_;            ///< about it
    std::uint64_t skip_bytes_ = 0; ///< of the body that comes, still
};

} // namespace slipway::fetch
