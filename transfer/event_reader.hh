// The keeper's events, from the bytes of its pipe.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "transfer/event.hh"

namespace slipway::transfer {

/// Cuts bytes into lines and lines into events.
class EventReader {
public:
    /// The events that these bytes complete.
    /// @throws Error Internal: a line that is no event, or longer than any event is
    std::vector<Event> feed(std::string_view bytes);
    /// How long the line is that has begun and not ended.
    std::size_t begun_bytes() const noexcept { return line_.size(); }

private:
    std::string line_; ///< begun, not ended
};

} // namespace slipway::transfer
