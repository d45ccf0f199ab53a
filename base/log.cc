// One write(2) a line, so that lines of several programs do not mix.

#include "base/log.hh"

#include <string>

#include <unistd.h>

namespace slipway {
namespace {
// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): set before any thread
std::string prefix;
} // namespace

void enable_debug_log(std::string_view program) noexcept {
    try {
        prefix = std::string(program) + ": debug: ";
    } catch (const std::exception&) {
        prefix.clear();
    }
}

bool debug_log_enabled() noexcept {
    return !prefix.empty();
}

void detail::write_debug_line(std::string_view text) noexcept {
    try {
        const std::string line = prefix + std::string(text) + "\n";
        static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
    } catch (const std::exception&) {
        return; // out of memory: a debug line is not worth a failure
    }
}

} // namespace slipway
