// Lines, and in every second one base64: two letters that name the algorithm, the key's number,
// then the key or the signature. The number is little-endian.

#include "check/minisign.hh"

#include <charconv>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>

#include "verify/base64.hh"

namespace slipway::check {
namespace {

constexpr std::string_view kUntrusted = "untrusted comment: ";
constexpr std::string_view kTrusted = "trusted comment: ";
constexpr std::size_t kAlgorithmBytes = 2;
constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kHeadBytes = kAlgorithmBytes + kNumberBytes;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;
// What the tools write as secret keys: signify 104 bytes, minisign 158.
constexpr std::size_t kSmallestSecretBytes = 104;

// The next line without its end; nothing after the last.
std::optional<std::string_view> take_line(std::string_view& text) noexcept {
    if (text.empty()) {
        return std::nullopt;
    }
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (line.ends_with('\r')) {
        line.remove_suffix(1);
    }
    return line;
}

std::string number_of(std::string_view head) {
    std::string digits;
    for (std::size_t i = kHeadBytes; i-- > kAlgorithmBytes;) {
        digits += fmt::format("{:02X}", static_cast<unsigned char>(head[i]));
    }
    return digits;
}

// The comment and the bytes of the first two lines.
struct FirstLines {
    std::string_view comment;
    std::string bytes; ///< algorithm, number and what follows
};
std::optional<FirstLines> take_first_lines(std::string_view& text) {
    const auto comment = take_line(text);
    const auto line = take_line(text);
    if (!comment || !line || !comment->starts_with(kUntrusted)) {
        return std::nullopt;
    }
    auto bytes = verify::from_base64(*line);
    if (!bytes || bytes->size() < kHeadBytes) {
        return std::nullopt;
    }
    return FirstLines{comment->substr(kUntrusted.size()), *std::move(bytes)};
}

MinisignSignature::Covers covers(std::string_view algorithm) noexcept {
    return algorithm == "Ed"   ? MinisignSignature::Covers::Statement
           : algorithm == "ED" ? MinisignSignature::Covers::Digest
                               : MinisignSignature::Covers::Unknown;
}

// Reads the third and the fourth line, which only signify may lack.
void read_trusted_comment(std::string_view rest, MinisignSignature& into) {
    const auto comment = take_line(rest);
    if (!comment) {
        if (into.covers != MinisignSignature::Covers::Statement) {
            into.problem = "its trusted comment is missing";
        }
        return;
    }
    into.has_trusted_comment = true;
    if (!comment->starts_with(kTrusted)) {
        into.problem = "its third line is no trusted comment";
        return;
    }
    into.trusted_comment = comment->substr(kTrusted.size());
    const auto line = take_line(rest);
    if (!line) {
        into.problem = "its fourth line is missing";
        return;
    }
    const auto bytes = verify::from_base64(*line);
    if (!bytes || bytes->size() != kSignatureBytes || !rest.empty()) {
        into.problem = "its fourth line is damaged";
        return;
    }
    into.comment_signature = *bytes;
}

} // namespace

bool is_minisign(std::string_view content) noexcept {
    return content.starts_with(kUntrusted);
}

MinisignKeyFile read_minisign_key(std::string_view content) {
    const auto first = take_first_lines(content);
    if (!first) {
        return {{}, "it is a damaged minisign key"};
    }
    const std::string& bytes = first->bytes;
    if (bytes.size() >= kSmallestSecretBytes) {
        return {{}, "it holds a secret key, which does not belong here"};
    }
    if (bytes.size() != kHeadBytes + kKeyBytes || !bytes.starts_with("Ed")) {
        return {{}, "it is a damaged minisign key"};
    }
    if (!content.empty()) {
        return {{}, "it holds more than one minisign key; put each into a file of its own"};
    }
    return {MinisignKey{number_of(bytes), bytes.substr(kHeadBytes), std::string(first->comment)},
            {}};
}

std::optional<MinisignSignature> read_minisign_signature(std::string_view content) {
    const auto first = take_first_lines(content);
    if (!first || first->bytes.size() != kHeadBytes + kSignatureBytes) {
        return std::nullopt;
    }
    MinisignSignature result;
    result.covers = covers(std::string_view(first->bytes).substr(0, kAlgorithmBytes));
    result.number = number_of(first->bytes);
    result.signature = first->bytes.substr(kHeadBytes);
    read_trusted_comment(content, result);
    return result;
}

std::int64_t minisign_time(std::string_view trusted_comment) noexcept {
    constexpr std::string_view kName = "timestamp:";
    constexpr std::int64_t kLatest = std::int64_t{1} << 33; // what SignatureReport may hold
    std::int64_t seconds = 0;
    if (!trusted_comment.starts_with(kName)) {
        return 0;
    }
    trusted_comment.remove_prefix(kName.size());
    const char* end = trusted_comment.data() + trusted_comment.size();
    const auto [rest, error] = std::from_chars(trusted_comment.data(), end, seconds);
    const bool whole = rest == end || *rest == '\t' || *rest == ' ';
    return error == std::errc() && whole && seconds > 0 && seconds <= kLatest ? seconds : 0;
}

} // namespace slipway::check
