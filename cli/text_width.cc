// wcwidth(3) under the locale C.UTF-8, whatever the user's is: names are UTF-8.

#include "cli/text_width.hh"

#include <algorithm>
#include <clocale>
#include <cwchar>

#include <locale.h>

#include "base/handle.hh"

namespace slipway::cli {
namespace {

using Locale = Handle<__locale_struct, ::freelocale>;

// Made once: loading it costs a fifth of a second for a table of a thousand rows.
locale_t utf8() {
    static const Locale locale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr));
    return locale.get();
}

// For this thread, while it lives.
class Utf8Locale {
public:
    Utf8Locale() { before_ = utf8() != nullptr ? ::uselocale(utf8()) : nullptr; }
    ~Utf8Locale() {
        if (before_ != nullptr) {
            ::uselocale(before_);
        }
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

private:
    locale_t before_ = nullptr;
};

struct Character {
    std::size_t bytes;
    std::size_t columns;
};

Character first_character(std::string_view text) {
    std::mbstate_t state{};
    wchar_t wide = 0;
    const std::size_t bytes = std::mbrtowc(&wide, text.data(), text.size(), &state);
    if (bytes == 0 || bytes > text.size()) {
        return {1, 1};
    }
    return {bytes, static_cast<std::size_t>(std::max(0, ::wcwidth(wide)))};
}

bool is_printable_ascii(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return byte >= 0x20 && byte < 0x7f; });
}

} // namespace

std::size_t text_width(std::string_view text) {
    if (is_printable_ascii(text)) {
        return text.size();
    }
    const Utf8Locale utf8;
    std::size_t columns = 0;
    while (!text.empty()) {
        const Character character = first_character(text);
        columns += character.columns;
        text.remove_prefix(character.bytes);
    }
    return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
    if (text_width(text) <= columns) {
        return std::string(text);
    }
    if (columns == 0) {
        return "";
    }
    const Utf8Locale utf8;
    std::size_t taken = 0;
    std::size_t end = 0;
    for (;;) {
        const Character character = first_character(text.substr(end));
        if (taken + character.columns > columns - 1) {
            return std::string(text.substr(0, end)) + "…";
        }
        taken += character.columns;
        end += character.bytes;
    }
}

} // namespace slipway::cli
