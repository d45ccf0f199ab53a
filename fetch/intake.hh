// What arrives during one GET, between libcurl's callbacks and the receiver: the header is read,
// the body handed on or let go, the stall clock kept, and an exception held until it may fly.

#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include "fetch/rate_limit.hh"
#include "fetch/receiver.hh"
#include "fetch/response.hh"
#include "fetch/stall_clock.hh"
#include "fetch/wire.hh"

namespace slipway::fetch {

class Intake {
public:
    Intake(const Settings& settings, Receiver& receiver);

    /// How to go on after a piece.
    enum class Next {
        On,
        Pause, ///< it was not taken, for want of room or too early; offer it again after resume()
        Stop,  ///< no more is wanted, or rethrow() has something to throw
    };
    Next header(std::string_view line) noexcept;
    Next body(std::string_view data) noexcept;

    /// The request goes out now: from here on the server has to deliver.
    void asked() noexcept;
    bool is_paused() const noexcept { return paused_; }
    /// Whether the receiver has room and the bound on the rate lets more in.
    bool may_resume() const;
    void resume() noexcept;
    /// Throws what the receiver has thrown.
    void rethrow();

    /// The header has come to its end.
    bool answered() const noexcept { return header_.complete(); }
    bool wants_body() const noexcept { return wanted_; }
    const Response& response() const noexcept { return header_.response(); }

    /// When the line counts as stalled, or a pause is over; nothing while there is no room.
    std::optional<StallClock::Time> deadline() const;
    bool is_stalled() const noexcept;
    /// For people.
    std::string stall_reason() const;

private:
    Next take(std::string_view data);
    template <typename Work>
    Next guarded(Work work) noexcept;

    const Settings& settings_;
    Receiver& receiver_;
    StallClock clock_;
    RateLimit rate_;
    HeaderReader header_;
    std::exception_ptr thrown_;
    std::size_t unwanted_bytes_ = 0;
    bool wanted_ = false;
    bool paused_ = false;
};

} // namespace slipway::fetch
