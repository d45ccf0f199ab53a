// One request as the keeper sees it: what slipway-fetch has said about it so far, and what came
// through its pipe. Never throws for what the server or slipway-fetch did: that counts when asked.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/fd.hh"
#include "fetch/wire.hh"

namespace slipway::fetch {

class Incoming {
public:
    /// @param pipe         its reading end
    /// @param limit_bytes  slipway-fetch keeps to it itself; it is not relied upon
    Incoming(std::uint64_t id, Fd pipe, std::uint64_t limit_bytes)
        : id_(id), pipe_(std::move(pipe)), limit_bytes_(limit_bytes) {}

    std::uint64_t id() const noexcept { return id_; }
    /// To poll(2) for reading; -1 once everything has come.
    int pipe() const noexcept { return pipe_.get(); }
    /// Reads what the pipe holds, once.
    void read_some();
    void hear(Answer answer);

    /// Nothing more will come.
    bool is_complete() const noexcept;
    /// slipway-fetch still has to do with it.
    bool is_under_way() const noexcept { return !last_; }
    std::uint64_t held_bytes() const noexcept { return content_.size(); }

    /// The newest attempt that failed, once.
    std::optional<Retry> take_retry() { return std::exchange(retry_, std::nullopt); }
    /// Of the body; there is one when last() is an End.
    const Head& head() const noexcept { return head_; }
    /// The answer that ended it; when is_complete().
    const Answer& last() const { return *last_; }
    std::string take_content() && { return std::move(content_); }

private:
    void fail(Kind kind, std::string text);

    std::uint64_t id_;
    Fd pipe_;
    std::uint64_t limit_bytes_;
    std::string content_;
    Head head_;
    std::optional<Retry> retry_;
    std::optional<Answer> last_;
};

} // namespace slipway::fetch
