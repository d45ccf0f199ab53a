// Signals as people write them.

#pragma once

#include <string>
#include <string_view>

namespace slipway::spawn {

/// "SIGTERM", "TERM", "15", "SIGRTMIN+4", "RTMAX-1".
/// @throws Error InvalidArgument
int parse_signal(std::string_view text);

} // namespace slipway::spawn
