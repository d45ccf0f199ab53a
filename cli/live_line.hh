// The one line a terminal shows of a transfer while it runs.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "transfer/event.hh"

namespace slipway::cli {

struct LiveState {
    transfer::Started job;
    std::string stage;           ///< word of the protocol; empty before the first
    transfer::Progress progress; ///< all zero before the first
    bool canceling = false;      ///< C-c was heard
    std::string_view hint = "(C-c cancels)";
};

/// "web: 43%  1.2G of 2.8G  13.3M/s  2min 11s left  downloading  (C-c cancels)", in at most
/// `columns` columns: what does not fit is left out from the right, the name is cut last.
std::string live_line(const LiveState& state, std::size_t columns);

/// "43%"; nothing while the total is unknown or was wrong.
std::string percent(const transfer::Progress& progress);
/// "2min 11s"; empty when it cannot be told.
std::string time_left(const transfer::Progress& progress);

} // namespace slipway::cli
