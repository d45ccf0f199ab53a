// The C library knows the names; the real-time ones have none.

#include "spawn/signal_name.hh"

#include <charconv>
#include <csignal>
#include <cstring>
#include <optional>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

std::optional<int> find_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc() && end == text.data() + text.size()
               ? std::optional(number)
               : std::nullopt;
}

std::optional<int> find_real_time(std::string_view name) {
    if (name == "RTMIN") {
        return SIGRTMIN;
    }
    if (name == "RTMAX") {
        return SIGRTMAX;
    }
    if (name.starts_with("RTMIN+")) {
        const auto above = find_number(name.substr(6));
        return above ? std::optional(SIGRTMIN + *above) : std::nullopt;
    }
    if (name.starts_with("RTMAX-")) {
        const auto below = find_number(name.substr(6));
        return below ? std::optional(SIGRTMAX - *below) : std::nullopt;
    }
    return std::nullopt;
}

std::optional<int> find_standard(std::string_view name) {
    for (int signal = 1; signal < SIGRTMIN; ++signal) {
        const char* known = ::sigabbrev_np(signal);
        if (known != nullptr && name == known) {
            return signal;
        }
    }
    return std::nullopt;
}

} // namespace

int parse_signal(std::string_view text) {
    std::string_view name = text;
    if (name.starts_with("SIG")) {
        name.remove_prefix(3);
    }
    std::optional<int> signal = find_number(text);
    if (!signal) {
        signal = find_real_time(name);
    }
    if (!signal) {
        signal = find_standard(name);
    }
    if (!signal || *signal < 1 || *signal > SIGRTMAX) {
        throw Error(Kind::InvalidArgument,
                    "{} is no signal; expected a name such as SIGTERM or SIGRTMIN+4, or a number",
                    quoted(text));
    }
    return *signal;
}

} // namespace slipway::spawn
