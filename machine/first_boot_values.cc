// A guest finds out too late, and tells nobody: a key that sshd skips is a machine without a door.

#include "machine/first_boot_values.hh"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "verify/base64.hh"

namespace slipway::machine {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kBlanks = " \t";

bool is_among(char byte, std::string_view first, std::string_view second) noexcept {
    return first.find(byte) != first.npos || second.find(byte) != second.npos;
}

// Whether all of `text` is letters and digits, or in `more`.
bool holds_only(std::string_view text, std::string_view more) noexcept {
    return std::all_of(text.begin(), text.end(), [more](char byte) {
        return is_among(byte, kLower, kDigits) || more.find(byte) != more.npos;
    });
}

struct KeyType {
    std::string_view name;
    std::size_t fields; ///< behind the name: curve, point, modulus, application …
};

constexpr std::array<KeyType, 7> kKeyTypes{{
    {"ssh-ed25519", 1},
    {"ssh-rsa", 2},
    {"ecdsa-sha2-nistp256", 2},
    {"ecdsa-sha2-nistp384", 2},
    {"ecdsa-sha2-nistp521", 2},
    {"sk-ssh-ed25519@openssh.com", 2},
    {"sk-ecdsa-sha2-nistp256@openssh.com", 3},
}};

// The first word, taken off the text with the blanks behind it.
std::string_view take_word(std::string_view& text) noexcept {
    const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
    text.remove_prefix(word.size());
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return word;
}

// A string of RFC 4251 §5, taken off `bytes`: its length in four bytes, then that many.
std::optional<std::string_view> take_string(std::string_view& bytes) noexcept {
    constexpr std::size_t kLengthBytes = 4;
    if (bytes.size() < kLengthBytes) {
        return std::nullopt;
    }
    std::uint32_t length = 0;
    for (const char byte : bytes.substr(0, kLengthBytes)) {
        length = length << 8U | static_cast<unsigned char>(byte);
    }
    bytes.remove_prefix(kLengthBytes);
    if (length == 0 || length > bytes.size()) {
        return std::nullopt;
    }
    const std::string_view string = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return string;
}

bool is_key_of(const KeyType& type, std::string_view bytes) noexcept {
    if (take_string(bytes) != type.name) {
        return false;
    }
    for (std::size_t field = 0; field < type.fields; ++field) {
        if (!take_string(bytes)) {
            return false;
        }
    }
    return bytes.empty();
}

// UTF-8 without anything that is not printed, but blanks: what YAML takes as it is (1.1, "Character
// Set"), since a document with anything else is refused whole.
bool is_plain(std::string_view text) {
    if (text.find("\xEF\xBF\xBE") != text.npos || text.find("\xEF\xBF\xBF") != text.npos) {
        return false;
    }
    std::string bare(text);
    std::replace(bare.begin(), bare.end(), '\\',
                 '/'); // which are printed, and escaped all the same
    std::replace(bare.begin(), bare.end(), '\'', '/');
    std::replace(bare.begin(), bare.end(), '\t', ' ');
    return escaped(bare, bare.size() + 1) == bare;
}

std::string_view trimmed(std::string_view text) noexcept {
    constexpr std::string_view kEnds = " \t\r\n";
    text.remove_prefix(std::min(text.find_first_not_of(kEnds), text.size()));
    return text.substr(0, text.find_last_not_of(kEnds) + 1);
}

} // namespace

std::string parse_guest_user(std::string_view value) {
    constexpr std::size_t kLongest = 32; // utmp(5)
    if (value.empty() || value.size() > kLongest || !holds_only(value, "_-") ||
        !is_among(value.front(), kLower, "_")) {
        throw Error(Kind::InvalidArgument,
                    "{} is no name for a user; expected lower-case letters, digits, '_' and '-', a "
                    "letter or '_' in front, at most 32",
                    quoted(value));
    }
    return std::string(value);
}

std::string parse_ssh_key(std::string_view value) {
    const std::string_view line = trimmed(value);
    if (line.find("PRIVATE KEY") != line.npos) {
        throw Error(Kind::InvalidArgument,
                    "this is a private key, which stays where it is; expected the public one, the "
                    "line in the file beside it whose name ends in .pub");
    }
    if (line.find_first_of("\r\n") != line.npos) {
        throw Error(Kind::InvalidArgument, "an SSH key is one line; found {}", quoted(value, 100));
    }
    std::string_view rest = line;
    const std::string_view type_name = take_word(rest);
    const auto type = std::find_if(kKeyTypes.begin(), kKeyTypes.end(),
                                   [&](const KeyType& row) { return row.name == type_name; });
    if (type == kKeyTypes.end()) {
        throw Error(Kind::InvalidArgument,
                    "{} is no type of an SSH key that servers take; expected a line as in "
                    "~/.ssh/id_ed25519.pub: type (ssh-ed25519, ssh-rsa, ecdsa-sha2-…, sk-…), key, "
                    "comment",
                    quoted(type_name, 100));
    }
    const std::string_view key = take_word(rest);
    const std::optional<std::string> bytes = verify::from_base64(key);
    if (!bytes || !is_key_of(*type, *bytes)) {
        throw Error(Kind::InvalidArgument,
                    "the SSH key {} is damaged or cut; expected the base64 of one {} key",
                    quoted(line, 100), type_name);
    }
    if (!is_plain(rest)) {
        throw Error(Kind::InvalidArgument,
                    "the comment of an SSH key is {}; expected text without control characters",
                    quoted(rest, 100));
    }
    return fmt::format("{} {}{}{}", type_name, key, rest.empty() ? "" : " ", rest);
}

std::string parse_package(std::string_view value) {
    if (value.size() < 2 || !holds_only(value, "+-.") ||
        !is_among(value.front(), kLower, kDigits)) {
        throw Error(Kind::InvalidArgument,
                    "{} is no name of a Debian package; expected lower-case letters, digits, '+', "
                    "'-' and '.', a letter or digit in front, at least two",
                    quoted(value));
    }
    return std::string(value);
}

} // namespace slipway::machine
