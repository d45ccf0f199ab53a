// Sizes and durations to and from text.

#include "base/size.hh"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway {
namespace {

constexpr std::string_view kSizeLetters = "BKMGTPE";

// A decimal number with an optional fraction in front of a unit; the unit is what is left.
struct Amount {
    double number;
    std::string_view unit;
};

Amount split_amount(std::string_view text, std::string_view what) {
    const std::size_t digits = text.find_first_not_of("0123456789.");
    const std::string_view number = text.substr(0, digits);
    double value = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
    if (number.empty() || error != std::errc() || end != number.data() + number.size()) {
        throw Error(Kind::InvalidArgument, "{} is not a {}", quoted(text), what);
    }
    return {value, digits == std::string_view::npos ? "" : text.substr(digits)};
}

} // namespace

std::string format_size(std::uint64_t bytes) {
    std::size_t letter = 0;
    std::uint64_t unit = 1;
    while (letter + 1 < kSizeLetters.size() && bytes / unit >= 1024) {
        unit *= 1024;
        ++letter;
    }
    if (letter == 0) {
        return fmt::format("{}B", bytes);
    }
    const std::uint64_t tenth = (bytes % unit) / (unit / 10 == 0 ? 1 : unit / 10);
    return fmt::format("{}.{}{}", bytes / unit, tenth > 9 ? 9 : tenth, kSizeLetters[letter]);
}

std::uint64_t parse_size(std::string_view text) {
    const auto [number, unit] = split_amount(text, "size; expected a number such as 512M or 20G");
    std::string_view letter = unit;
    for (const std::string_view suffix : {"iB", "B"}) {
        if (letter.size() > 1 && letter.ends_with(suffix)) {
            letter.remove_suffix(suffix.size());
            break;
        }
    }
    const std::size_t power = letter.empty() ? 0 : kSizeLetters.find(letter);
    const double bytes = number * std::pow(1024.0, static_cast<double>(power));
    if (letter.size() > 1 || power == std::string_view::npos || bytes >= 0x1p64) {
        throw Error(Kind::InvalidArgument,
                    "{} is not a size; expected a number with one of B K M G T P E", quoted(text));
    }
    return static_cast<std::uint64_t>(bytes);
}

std::string format_duration(std::chrono::milliseconds duration) {
    const auto ms = duration.count();
    if (ms < 1000) {
        return fmt::format("{}ms", ms);
    }
    const auto seconds = ms / 1000;
    if (seconds < 60) {
        return fmt::format("{}s", seconds);
    }
    if (seconds < 3600) {
        return fmt::format("{}min {}s", seconds / 60, seconds % 60);
    }
    return fmt::format("{}h {}min", seconds / 3600, seconds / 60 % 60);
}

std::chrono::milliseconds parse_duration(std::string_view text) {
    struct Unit {
        std::string_view name;
        double ms;
    };
    constexpr std::array kUnits{Unit{"", 1000.0},  Unit{"ms", 1.0},   Unit{"s", 1000.0},
                                Unit{"m", 60e3},   Unit{"min", 60e3}, Unit{"h", 3600e3},
                                Unit{"d", 86400e3}};
    const auto [number, unit] = split_amount(text, "time; expected one such as 30s or 250ms");
    for (const Unit& known : kUnits) {
        if (known.name == unit && number * known.ms < 1e15) {
            return std::chrono::milliseconds(static_cast<std::int64_t>(number * known.ms));
        }
    }
    throw Error(Kind::InvalidArgument,
                "{} is not a time; expected a number with ms, s, min, h or d", quoted(text));
}

} // namespace slipway
