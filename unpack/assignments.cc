// The text is somebody else's: whatever is odd in it counts for nothing.

#include "unpack/assignments.hh"

#include <algorithm>
#include <cstddef>
#include <optional>

namespace slipway::unpack {
namespace {

constexpr std::size_t kMostNames = 256;
constexpr std::size_t kLongestValueBytes = 4096;

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

bool is_name(std::string_view text) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    return !text.empty() && kLetters.find(text.front()) != std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [&](char c) {
               return (c >= '0' && c <= '9') || kLetters.find(c) != std::string_view::npos;
           });
}

// Nothing when a quote is not closed, or something stands behind one.
std::optional<std::string> unquoted(std::string_view text) {
    std::string value;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\\' && quote != '\'' && i + 1 < text.size()) {
            const char next = text[++i];
            // Within double quotes a backslash counts in front of these alone (POSIX, 2.2.3).
            if (quote == '"' && std::string_view("$`\"\\").find(next) == std::string_view::npos) {
                value += c;
            }
            value += next;
        } else if (quote != 0 && c == quote) {
            quote = 0;
        } else if (quote == 0 && (c == '"' || c == '\'')) {
            quote = c;
        } else if (quote == 0 && is_blank(c)) {
            return std::nullopt;
        } else {
            value += c;
        }
    }
    return quote == 0 ? std::optional(std::move(value)) : std::nullopt;
}

} // namespace

std::map<std::string, std::string> read_assignments(std::string_view text) {
    std::map<std::string, std::string> values;
    while (!text.empty()) {
        const std::string_view line = trimmed(text.substr(0, text.find('\n')));
        text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
        const std::size_t equals = line.find('=');
        if (line.starts_with('#') || equals == std::string_view::npos ||
            !is_name(line.substr(0, equals))) {
            continue;
        }
        std::optional<std::string> value = unquoted(line.substr(equals + 1));
        const std::string name(line.substr(0, equals));
        const bool fits = value && value->size() <= kLongestValueBytes &&
                          value->find('\0') == std::string::npos &&
                          (values.size() < kMostNames || values.contains(name));
        if (fits) {
            values.insert_or_assign(name, std::move(*value));
        }
    }
    return values;
}

} // namespace slipway::unpack
