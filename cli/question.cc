// The terminal hands out whole lines (termios(3), canonical mode); C-c ends the program as usual.

#include "cli/question.hh"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace slipway::cli {

bool can_ask() noexcept {
    return ::isatty(STDIN_FILENO) == 1;
}

bool ask(Console& console, std::string_view question) {
    console.err.add(fmt::format("{} [y/N] ", question));
    console.err.drain();
    std::array<char, 256> line{};
    const ssize_t got = ::read(STDIN_FILENO, line.data(), line.size());
    std::string answer(line.data(), static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    answer.erase(std::remove_if(answer.begin(), answer.end(),
                                [](unsigned char c) { return std::isspace(c) != 0; }),
                 answer.end());
    std::transform(answer.begin(), answer.end(), answer.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return answer == "y" || answer == "yes";
}

} // namespace slipway::cli
