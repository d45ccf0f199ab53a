// Segment by segment: separators by their rank, numbers by value, letters by their bytes.

#include "storage/version_order.hh"

#include <algorithm>
#include <cstddef>

namespace slipway::storage {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool counts(char c) noexcept {
    return is_digit(c) || is_letter(c) || c == '~' || c == '-' || c == '^' || c == '.';
}

void skip_what_does_not_count(std::string_view& text) noexcept {
    text.remove_prefix(
        static_cast<std::size_t>(std::find_if(text.begin(), text.end(), counts) - text.begin()));
}

template <typename Is>
std::string_view take(std::string_view& text, const Is& is) noexcept {
    const auto end = std::find_if_not(text.begin(), text.end(), is);
    const auto size = static_cast<std::size_t>(end - text.begin());
    const std::string_view taken = text.substr(0, size);
    text.remove_prefix(size);
    return taken;
}

// One that begins with the separator is older than one that does not; both lose it.
std::weak_ordering separate(std::string_view& a, std::string_view& b, char separator) noexcept {
    const bool of_a = a.starts_with(separator);
    const bool of_b = b.starts_with(separator);
    if (of_a && of_b) {
        a.remove_prefix(1);
        b.remove_prefix(1);
    }
    return !of_a <=> !of_b;
}

std::weak_ordering compare_numbers(std::string_view a, std::string_view b) noexcept {
    if (a.empty() || b.empty()) {
        return !a.empty() <=> !b.empty();
    }
    a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
    b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
    return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

} // namespace

std::weak_ordering compare_versions(std::string_view a, std::string_view b) noexcept {
    for (;;) {
        skip_what_does_not_count(a);
        skip_what_does_not_count(b);
        if (const auto order = separate(a, b, '~'); order != 0) {
            return order;
        }
        if (a.empty() || b.empty()) { // behind "~", which makes the longer one the older
            return !a.empty() <=> !b.empty();
        }
        for (const char separator : {'-', '^', '.'}) {
            if (const auto order = separate(a, b, separator); order != 0) {
                return order;
            }
        }
        const bool numbers =
            (!a.empty() && is_digit(a.front())) || (!b.empty() && is_digit(b.front()));
        const auto order = numbers ? compare_numbers(take(a, is_digit), take(b, is_digit))
                                   : take(a, is_letter) <=> take(b, is_letter);
        if (order != 0) {
            return order;
        }
    }
}

} // namespace slipway::storage
