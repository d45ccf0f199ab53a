// Debug lines on stderr. What a person must see is an event or an error, never a log line; these
// are for whoever looks for the reason of something.

#pragma once

#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace slipway {

/// Set once at the start of main, before any thread.
void enable_debug_log(std::string_view program) noexcept;
bool debug_log_enabled() noexcept;

namespace detail {
void write_debug_line(std::string_view text) noexcept;
}

template <typename... Args>
void debug(fmt::format_string<Args...> text, Args&&... args) {
    if (debug_log_enabled()) {
        detail::write_debug_line(fmt::format(text, std::forward<Args>(args)...));
    }
}

} // namespace slipway
