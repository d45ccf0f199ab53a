// Collecting one answer.

#include "fetch/incoming.hh"

#include <algorithm>
#include <cerrno>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway::fetch {

void Incoming::read_some() {
    std::vector<char> buffer(64 * KiB);
    const ssize_t got = ::read(pipe_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
        fail(Kind::Internal, errno_error("cannot read what was fetched").what());
        return;
    }
    if (got == 0) {
        pipe_.reset();
    }
    content_.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    if (content_.size() > limit_bytes_) {
        fail(Kind::Limit, fmt::format("more than {} bytes came", limit_bytes_));
    }
}

void Incoming::hear(Answer answer) {
    if (auto* head = std::get_if<Head>(&answer)) {
        head_ = std::move(*head);
    } else if (auto* retry = std::get_if<Retry>(&answer)) {
        retry_ = std::move(*retry);
    } else if (!last_) {
        last_ = std::move(answer);
    }
}

bool Incoming::is_complete() const noexcept {
    return last_ && (!pipe_ || !std::holds_alternative<End>(*last_));
}

void Incoming::fail(Kind kind, std::string text) {
    pipe_.reset(); // slipway-fetch sees that nobody reads any more
    last_ = Failure{kind, std::move(text)};
}

} // namespace slipway::fetch
