// The steps of docs/verification.md, "How a document is read", one after the other.

#include "verify/checksum_file.hh"

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/quoted.hh"
#include "base/size.hh"
#include "verify/checksum_line.hh"
#include "verify/openpgp_text.hh"

namespace slipway::verify {
namespace {

// What is told about our file stays within one message, whatever the document repeats.
constexpr std::size_t kMaxEntries = 16;

constexpr std::string_view kBom = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r";

std::string not_a_document(std::string_view why, std::string_view text) {
    return fmt::format("is not a checksum document: {}starts with {}", why, quoted(text, 60));
}

// Step 2; empty when the text is worth reading.
std::string find_insanity(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) {
        return "is not a checksum document: it is empty";
    }
    if (text[first] == '<') {
        return not_a_document("", text.substr(first));
    }
    if (text.find('\0') != std::string_view::npos) {
        return not_a_document("it holds a NUL byte; ", text);
    }
    if (to_utf8(text) != text) {
        return not_a_document("it is not UTF-8; ", text);
    }
    return {};
}

// All entries of the document, ours and others, before names are compared.
struct Entries {
    std::vector<ChecksumEntry> named;
    std::vector<ChecksumEntry> bare;
    std::size_t lines = 0; ///< that are not blank
    std::size_t ignored_lines = 0;
};

std::string_view without_dot_slash(std::string_view name) {
    while (name.starts_with("./")) {
        name.remove_prefix(2);
    }
    return name;
}

// Steps 3 to 5.
Entries read_lines(std::string_view text, std::string_view document_name) {
    Entries entries;
    std::optional<NamedAlgorithm> given;
    if (document_name.starts_with("b2sum")) {
        given = named_algorithm("BLAKE2b");
    }
    for (std::size_t number = 1; !text.empty(); ++number) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        line = line.substr(0, line.find_last_not_of(kBlanks) + 1);
        if (line.empty()) {
            continue;
        }
        ++entries.lines;
        ChecksumLine parsed = parse_checksum_line(line, given);
        if (auto* section = std::get_if<SectionLine>(&parsed)) {
            given = std::move(section->algorithm);
        } else if (auto* entry = std::get_if<EntryLine>(&parsed)) {
            auto& list = entry->name ? entries.named : entries.bare;
            list.push_back({entry->algorithm.known, std::move(entry->algorithm.word),
                            std::move(entry->digest), entry->name.value_or(""), number});
        } else if (std::holds_alternative<OtherLine>(parsed)) {
            ++entries.ignored_lines;
        }
    }
    return entries;
}

// "a.img.CONTENTS.gz" beside "a.img".
bool is_companion(std::string_view name, std::string_view of) {
    return name.size() > of.size() && name.starts_with(of) && name[of.size()] == '.';
}

// Step 6, the alias rule: the one name that a sidecar's entries carry.
std::optional<std::string> find_alias(const std::vector<ChecksumEntry>& entries,
                                      std::string_view file_name) {
    std::set<std::string_view> names;
    for (const ChecksumEntry& entry : entries) {
        names.insert(without_dot_slash(entry.name));
    }
    std::optional<std::string> alias;
    for (const std::string_view name : names) { // sorted: a companion follows its file
        if (is_companion(name, file_name) || (alias && is_companion(name, *alias))) {
            continue;
        }
        if (alias) {
            return std::nullopt;
        }
        alias = name;
    }
    return alias;
}

bool is_same_statement(const ChecksumEntry& a, const ChecksumEntry& b) {
    return a.digest == b.digest && a.algorithm == b.algorithm;
}

void keep(ChecksumFile& file, ChecksumEntry entry) {
    const bool known = std::any_of(file.entries.begin(), file.entries.end(),
                                   [&](const auto& had) { return is_same_statement(had, entry); });
    if (!known && file.entries.size() < kMaxEntries) {
        file.entries.push_back(std::move(entry));
    }
}

// Steps 6 and 8: those that are about our file.
void choose(ChecksumFile& file, Entries entries, std::string_view file_name, Place place) {
    const auto is_ours = [&](const ChecksumEntry& entry) {
        return !file_name.empty() && without_dot_slash(entry.name) == file_name;
    };
    const bool listed = std::any_of(entries.named.begin(), entries.named.end(), is_ours);
    if (!listed && place == Place::Sidecar) {
        file.alias = find_alias(entries.named, file_name);
    }
    for (ChecksumEntry& entry : entries.named) {
        if (is_ours(entry) || (file.alias && without_dot_slash(entry.name) == *file.alias)) {
            keep(file, std::move(entry));
        } else {
            ++file.others;
        }
    }
    if (place == Place::Sidecar && entries.bare.size() == 1 && entries.lines == 1) {
        keep(file, std::move(entries.bare.front()));
    } else {
        file.ignored_lines += entries.bare.size();
    }
}

} // namespace

ChecksumFile parse_checksum_file(std::string_view text, std::string_view document_name,
                                 std::string_view file_name, Place place) {
    ChecksumFile file;
    if (text.size() > kMaxDocumentBytes) {
        file.problem = fmt::format("is not a checksum document: it is larger than {}",
                                   format_size(kMaxDocumentBytes));
        return file;
    }
    file.clearsigned = is_clearsigned(text);
    Unwrapped inside;
    if (file.clearsigned) {
        inside = unwrap_clearsigned(text);
        file.problem = inside.problem;
        text = inside.content;
    }
    text.remove_prefix(text.starts_with(kBom) ? kBom.size() : 0);
    if (file.problem.empty()) {
        file.problem = find_insanity(text);
    }
    if (!file.problem.empty()) {
        return file;
    }
    Entries entries = read_lines(text, document_name);
    file.ignored_lines = entries.ignored_lines;
    choose(file, std::move(entries), file_name, place);
    if (file.entries.empty() && file.others == 0) {
        file.problem = not_a_document("no line of it gives a file's digest; it ", text);
    }
    return file;
}

Place place_of(std::string_view document_name, std::string_view file_name) noexcept {
    const bool behind = !file_name.empty() && document_name.size() > file_name.size() &&
                        document_name.starts_with(file_name);
    return behind ? Place::Sidecar : Place::List;
}

} // namespace slipway::verify
