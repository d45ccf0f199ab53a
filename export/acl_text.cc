// Little endian on every machine: a version, then entries of tag, permissions and number.

#include "export/acl_text.hh"

#include <cstdint>

#include "base/error.hh"

namespace slipway::exports {
namespace {

constexpr std::size_t kHeadBytes = 4;
constexpr std::size_t kEntryBytes = 8;
constexpr std::uint32_t kVersion = 2;

std::uint32_t number_at(std::string_view value, std::size_t at, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = size; i-- > 0;) {
        number = number << 8 | static_cast<unsigned char>(value[at + i]);
    }
    return number;
}

struct Word {
    std::uint32_t tag;
    std::string_view word;
    bool numbered;
};
constexpr Word kWords[] = {{0x01, "user", false}, {0x02, "user", true},  {0x04, "group", false},
                           {0x08, "group", true}, {0x10, "mask", false}, {0x20, "other", false}};

const Word& word_of(std::uint32_t tag) {
    for (const Word& word : kWords) {
        if (word.tag == tag) {
            return word;
        }
    }
    throw Error(Kind::Unsupported, "its access control list has an entry of unknown kind {}", tag);
}

} // namespace

std::string acl_text(std::string_view value) {
    if (value.size() < kHeadBytes || (value.size() - kHeadBytes) % kEntryBytes != 0 ||
        number_at(value, 0, kHeadBytes) != kVersion) {
        throw Error(Kind::Unsupported, "its access control list is not of the form that is known");
    }
    std::string text;
    for (std::size_t at = kHeadBytes; at < value.size(); at += kEntryBytes) {
        const Word& word = word_of(number_at(value, at, 2));
        const std::uint32_t may = number_at(value, at + 2, 2);
        const std::uint32_t id = number_at(value, at + 4, 4);
        text += fmt::format("{}{}:{}:{}{}{}", text.empty() ? "" : ",", word.word,
                            word.numbered ? fmt::format("{}", id) : "", (may & 4) != 0 ? 'r' : '-',
                            (may & 2) != 0 ? 'w' : '-', (may & 1) != 0 ? 'x' : '-');
    }
    return text;
}

} // namespace slipway::exports
