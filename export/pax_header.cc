// What the old fields cannot hold exactly stands in records of the extended header, which count
// more.

#include "export/pax_header.hh"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::exports {
namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kNameBytes = 100;
constexpr std::uint64_t kMostInEight = 07777777;       // what 7 octal digits hold
constexpr std::uint64_t kMostInTwelve = 077777777777U; // and 11

// The fields of a header block; see pax(1), "ustar Header Block".
class Block {
public:
    Block() : bytes_(kBlockBytes, '\0') {
        put(257, "ustar");
        put(263, "00");
    }

    void put(std::size_t offset, std::string_view text) {
        text.copy(bytes_.data() + offset, text.size());
    }
    // Octal digits and a NUL; of what does not fit nothing: a record has it.
    void put_number(std::size_t offset, std::size_t width, std::uint64_t number) {
        const std::uint64_t most = width == 8 ? kMostInEight : kMostInTwelve;
        put(offset, fmt::format("{:0{}o}", number <= most ? number : 0, width - 1));
    }
    std::string finish() {
        put(148, "        "); // the sum is over blanks in its own place
        unsigned sum = 0;
        for (const char byte : bytes_) {
            sum += static_cast<unsigned char>(byte);
        }
        put(148, fmt::format("{:06o}", sum));
        bytes_[154] = '\0';
        return std::move(bytes_);
    }

private:
    std::string bytes_;
};

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

bool is_utf8(std::string_view text) {
    return to_utf8(text) == text;
}

// The values of "path" and "linkpath" are UTF-8 where nothing else is said. A name that is not, and
// fits into the old field, is best there: every reader takes its bytes as they are.
bool needs_record(std::string_view name) {
    return name.size() > kNameBytes || (!is_ascii(name) && is_utf8(name));
}

// "LENGTH KEY=VALUE\n", where the length counts itself.
void add_record(std::string& to, std::string_view key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + 1;
    while (length != rest + fmt::formatted_size("{}", length)) {
        length = rest + fmt::formatted_size("{}", length);
    }
    fmt::format_to(std::back_inserter(to), "{} {}=", length, key);
    to.append(value);
    to.push_back('\n');
}

std::string time_text(const timespec& time) {
    constexpr long kBillion = 1'000'000'000;
    std::int64_t seconds = time.tv_sec;
    long nanoseconds = time.tv_nsec;
    const bool negative = seconds < 0;
    if (negative && nanoseconds != 0) { // -2 s and 0.75 of one are -1.25 s
        ++seconds;
        nanoseconds = kBillion - nanoseconds;
    }
    std::string text = fmt::format("{}{}", negative ? "-" : "", negative ? -seconds : seconds);
    if (nanoseconds != 0) {
        text += fmt::format(".{:09}", nanoseconds);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text;
}

bool fits_field(const timespec& time) {
    return time.tv_nsec == 0 && time.tv_sec >= 0 &&
           static_cast<std::uint64_t>(time.tv_sec) <= kMostInTwelve;
}

std::string_view base_name(std::string_view name) {
    name = name.substr(0, name.find_last_not_of('/') + 1);
    return name.substr(name.rfind('/') + 1);
}

void add_names(std::string& to, const TarEntry& entry) {
    const bool sparse = entry.sparse_size_bytes.has_value();
    const bool path = sparse || needs_record(entry.name);
    const bool target = needs_record(entry.target);
    if ((path && !is_utf8(entry.name)) || (target && !is_utf8(entry.target))) {
        add_record(to, "hdrcharset", "BINARY");
    }
    if (path) {
        add_record(to, sparse ? "GNU.sparse.name" : "path", entry.name);
    }
    if (target) {
        add_record(to, "linkpath", entry.target);
    }
}

std::string records_of(const TarEntry& entry) {
    std::string records;
    add_names(records, entry);
    if (entry.size_bytes > kMostInTwelve) {
        add_record(records, "size", fmt::format("{}", entry.size_bytes));
    }
    if (entry.uid > kMostInEight) {
        add_record(records, "uid", fmt::format("{}", entry.uid));
    }
    if (entry.gid > kMostInEight) {
        add_record(records, "gid", fmt::format("{}", entry.gid));
    }
    if (!fits_field(entry.mtime)) {
        add_record(records, "mtime", time_text(entry.mtime));
    }
    if (entry.sparse_size_bytes) {
        add_record(records, "GNU.sparse.major", "1");
        add_record(records, "GNU.sparse.minor", "0");
        add_record(records, "GNU.sparse.realsize", fmt::format("{}", *entry.sparse_size_bytes));
    }
    for (const auto& [key, value] : entry.records) {
        add_record(records, key, value);
    }
    return records;
}

// What readers that do not know of extended headers make a file of.
std::string extended_header(std::string_view name, std::string records) {
    Block block;
    block.put(0, fmt::format("PaxHeaders/{}", name.substr(0, 80)));
    block.put_number(100, 8, 0644);
    block.put_number(108, 8, 0);
    block.put_number(116, 8, 0);
    block.put_number(124, 12, records.size());
    block.put_number(136, 12, 0);
    block.put(156, "x");
    records.resize((records.size() + kBlockBytes - 1) / kBlockBytes * kBlockBytes, '\0');
    return block.finish() + records;
}

} // namespace

std::string pax_header(const TarEntry& entry) {
    Block block;
    const std::string name =
        entry.sparse_size_bytes
            ? fmt::format("GNUSparseFile.0/{}", base_name(entry.name).substr(0, 80))
            : entry.name.substr(0, kNameBytes);
    block.put(0, name);
    block.put_number(100, 8, entry.mode & 07777);
    block.put_number(108, 8, entry.uid);
    block.put_number(116, 8, entry.gid);
    block.put_number(124, 12, entry.size_bytes);
    block.put_number(136, 12,
                     fits_field(entry.mtime) ? static_cast<std::uint64_t>(entry.mtime.tv_sec) : 0);
    block.put(156, {reinterpret_cast<const char*>(&entry.type), 1});
    block.put(157, std::string_view(entry.target).substr(0, kNameBytes));
    block.put_number(329, 8, entry.device_major);
    block.put_number(337, 8, entry.device_minor);
    std::string records = records_of(entry);
    if (records.empty()) {
        return block.finish();
    }
    return extended_header(base_name(entry.name), std::move(records)) + block.finish();
}

} // namespace slipway::exports
