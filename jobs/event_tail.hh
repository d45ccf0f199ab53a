// The events of a keeper out of a file that grows (docs/protocol.md §1).

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "base/fd.hh"
#include "transfer/event_reader.hh"

namespace slipway::jobs {

class EventTail {
public:
    using Tell = std::function<void(const transfer::Event& event)>;

    /// @param events  for reading; none: there is nothing to read
    explicit EventTail(Fd events) : events_(std::move(events)) {}

    /// Tells what has come since, up to that byte of the file or to its end. What JobDirectory has
    /// given back is passed over.
    /// @throws Error Internal: a line that is no event; what follows it is not read
    void read(const Tell& tell, std::optional<std::uint64_t> until = {});

    /// Up to where whole lines were told.
    std::uint64_t told_bytes() const noexcept { return position_ - reader_.begun_bytes(); }
    int fd() const noexcept { return events_.get(); }

private:
    std::string_view after_gap(std::string_view bytes);

    Fd events_;
    std::uint64_t position_ = 0;
    transfer::EventReader reader_;
    bool in_gap_ = false; ///< behind zeros, before the next whole line
    bool broken_ = false;
};

} // namespace slipway::jobs
