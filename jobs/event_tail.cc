// Read by position: others may read the same open file.

#include "jobs/event_tail.hh"

#include <algorithm>
#include <array>

#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"

namespace slipway::jobs {

void EventTail::read(const Tell& tell, std::optional<std::uint64_t> until) {
    std::array<char, 64 * KiB> buffer{};
    while (events_ && !broken_ && (!until || position_ < *until)) {
        const std::uint64_t wanted =
            until ? std::min<std::uint64_t>(buffer.size(), *until - position_) : buffer.size();
        const ssize_t got =
            ::pread(events_.get(), buffer.data(), wanted, static_cast<off_t>(position_));
        if (got <= 0) {
            return;
        }
        position_ += static_cast<std::uint64_t>(got);
        broken_ = true; // unless all of this can be read
        for (const transfer::Event& event :
             reader_.feed(after_gap({buffer.data(), static_cast<std::size_t>(got)}))) {
            tell(event);
        }
        broken_ = false;
    }
}

// What was given back reads as zeros, with half a line before it and half a line behind.
std::string_view EventTail::after_gap(std::string_view bytes) {
    const std::size_t zero = bytes.rfind('\0');
    if (zero != std::string_view::npos) {
        reader_ = {};
        in_gap_ = true;
        bytes.remove_prefix(zero + 1);
    }
    if (!in_gap_) {
        return bytes;
    }
    const std::size_t line_end = bytes.find('\n');
    if (line_end == std::string_view::npos) {
        return {};
    }
    in_gap_ = false;
    return bytes.substr(line_end + 1);
}

} // namespace slipway::jobs
