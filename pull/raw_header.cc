// The blocks are those libarchive has already accepted, so their checksums are not looked at again.

#include "pull/raw_header.hh"

#include <array>
#include <charconv>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

constexpr std::size_t kBlockBytes = 512;

struct Field {
    std::size_t offset;
    std::size_t size;
};
constexpr Field kMode{100, 8};
constexpr Field kSize{124, 12};
constexpr std::size_t kTypeOffset = 156;

// Octal digits between blanks, or base 256 where the first bit is set (GNU tar, star). Numbers of
// more than 63 bits do not occur in the fields read here.
std::uint64_t number(std::string_view block, Field field) {
    const std::string_view text = block.substr(field.offset, field.size);
    std::uint64_t value = 0;
    if ((static_cast<unsigned char>(text[0]) & 0x80) != 0) {
        for (const char c : text.substr(1)) {
            value = (value << 8) | static_cast<unsigned char>(c);
        }
        return value;
    }
    for (const char c : text) {
        if (c >= '0' && c <= '7') {
            value = (value << 3) | static_cast<std::uint64_t>(c - '0');
        } else if (c != ' ' || value != 0) {
            break;
        }
    }
    return value;
}

[[noreturn]] void throw_malformed(std::string_view record) {
    throw Error(Kind::Corrupt, "its extended header is malformed at {}", quoted(record, 60));
}

// "LENGTH KEY=VALUE\n"; the length counts itself and the newline.
std::pair<std::string_view, std::string_view> take_record(std::string_view& text) {
    std::size_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc() || length > text.size() || length < digits + 2 ||
        text[digits] != ' ' || text[length - 1] != '\n') {
        throw_malformed(text);
    }
    const std::string_view record = text.substr(digits + 1, length - digits - 2);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) {
        throw_malformed(record);
    }
    text.remove_prefix(length);
    return {record.substr(0, equals), record.substr(equals + 1)};
}

void check_name(std::string_view key, std::string_view value) {
    if ((key == "path" || key == "linkpath" || key == "GNU.sparse.name") &&
        value.find('\0') != std::string_view::npos) {
        throw Error(Kind::Corrupt, "the name {} in its extended header holds a NUL byte",
                    quoted(value));
    }
}

// libarchive passes over global headers: what they would give to every entry must not be lost
// without a word. A comment, as git writes one, and what describes the archive are fine.
void check_global(std::string_view key) {
    constexpr std::array<std::string_view, 12> kPerEntry{
        "path",  "linkpath", "size",        "uid",          "gid",         "mtime",
        "atime", "ctime",    "GNU.sparse.", "SCHILY.xattr", "SCHILY.acl.", "LIBARCHIVE.xattr"};
    for (const std::string_view prefix : kPerEntry) {
        if (prefix.find('.') == std::string_view::npos ? key == prefix : key.starts_with(prefix)) {
            throw Error(Kind::Unsupported,
                        "a global header sets {} for all entries behind it, which is not "
                        "supported; pack the tree again without it",
                        quoted(key));
        }
    }
}

void read_records(std::string_view body, RawHeader& into) {
    if (!into.records.empty()) {
        throw Error(Kind::Corrupt, "it has two extended headers");
    }
    while (!body.empty()) {
        const auto& [key, value] = into.records.emplace_back(take_record(body));
        check_name(key, value);
    }
}

} // namespace

std::optional<std::string_view> RawHeader::find(std::string_view key) const noexcept {
    for (auto record = records.rbegin(); record != records.rend(); ++record) {
        if (record->first == key) {
            return record->second;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> RawHeader::name() const noexcept {
    // GNU tar puts a made-up name into "path" of a sparse file.
    const auto sparse = find("GNU.sparse.name");
    return sparse && !sparse->empty() ? sparse : find("path");
}

std::optional<std::string_view> RawHeader::target() const noexcept {
    return find("linkpath");
}

RawHeader parse_raw_header(Bytes blocks) {
    RawHeader header;
    std::string_view rest = as_text(blocks);
    while (rest.size() >= kBlockBytes) {
        const std::string_view block = rest.substr(0, kBlockBytes);
        const char type = block[kTypeOffset];
        if (std::string_view("xXgLKAV").find(type) == std::string_view::npos) {
            header.type = type;
            header.mode = number(block, kMode);
            return header;
        }
        rest.remove_prefix(kBlockBytes);
        const std::uint64_t size = type == 'V' ? 0 : number(block, kSize);
        if (size > rest.size()) {
            break;
        }
        std::string_view body = rest.substr(0, size);
        rest.remove_prefix(std::min(rest.size(), (size + kBlockBytes - 1) & ~(kBlockBytes - 1)));
        if (type == 'x' || type == 'X') {
            read_records(body, header);
        }
        while (type == 'g' && !body.empty()) {
            check_global(take_record(body).first);
        }
    }
    throw Error(Kind::Corrupt, "it has no header of its own behind its special ones");
}

timespec parse_pax_time(std::string_view text) {
    constexpr long kBillion = 1'000'000'000;
    const bool negative = text.starts_with('-');
    const std::string_view digits = text.substr(negative ? 1 : 0);
    std::int64_t seconds = 0;
    const char* const end = digits.data() + digits.size();
    const auto [point, error] = std::from_chars(digits.data(), end, seconds);
    if (error != std::errc() || digits.starts_with('-') || (point != end && *point != '.')) {
        throw Error(Kind::Corrupt, "its time {} is not one that can be kept", quoted(text));
    }
    long nanoseconds = 0;
    long unit = kBillion / 10;
    for (const char* digit = point + (point == end ? 0 : 1); digit != end; ++digit, unit /= 10) {
        if (*digit < '0' || *digit > '9') {
            throw Error(Kind::Corrupt, "its time {} is not one that can be kept", quoted(text));
        }
        nanoseconds += unit * (*digit - '0');
    }
    if (!negative) {
        return {seconds, nanoseconds};
    }
    return nanoseconds == 0 ? timespec{-seconds, 0}
                            : timespec{-seconds - 1, kBillion - nanoseconds};
}

} // namespace slipway::pull
