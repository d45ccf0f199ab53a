// The words and their phrases: docs/verification.md, "Verdicts".

#include "verify/findings.hh"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/quoted.hh"

namespace slipway::verify {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += text.empty() ? "" : ", ";
        text += quoted(name);
    }
    return text;
}

// What to do next.
std::string_view advice(VerdictWord word) noexcept {
    switch (word) {
    case VerdictWord::Unsigned:
        return ". --verify=checksum would accept the digest that was found, which proves that the "
               "image arrives whole, not who made it";
    case VerdictWord::NoChecksum:
    case VerdictWord::NoEntry:
    case VerdictWord::Unparsable:
        return ". If you know the image's digest from elsewhere, give it as --verify=DIGEST";
    case VerdictWord::UnknownKey:
        return ". If the key is the publisher's, put it into /etc/slipway/keys.d/";
    case VerdictWord::ExpiredKey:
        return ". If the publisher has extended it, refresh the key file";
    case VerdictWord::BadSignature:
    case VerdictWord::Conflict:
        return ". Try again later; if it repeats, tell the publisher";
    default:
        return "";
    }
}

} // namespace

Refusal make_refusal(VerdictWord word, const std::string& reason) {
    return {word, fmt::format("{}; nothing was stored{}", reason, advice(word))};
}

void Findings::missing_signatures(const std::vector<std::string>& names) {
    missing_signatures_.insert(missing_signatures_.end(), names.begin(), names.end());
}

void Findings::note(VerdictWord word, std::string reason) {
    notes_.push_back({word, std::move(reason)});
}

Refusal Findings::refusal(const std::string& image) const {
    Note telling{VerdictWord::NoChecksum,
                 fmt::format("no checksum or signature found beside {}: none of {} exists",
                             quoted(image), joined(documents_))};
    if (!missing_signatures_.empty() && !found_signature_) {
        telling = {VerdictWord::Unsigned,
                   fmt::format("not signed: none of {} exists", joined(missing_signatures_))};
    }
    for (const Note& note : notes_) {
        if (rank(note.word) > rank(telling.word)) {
            telling = note;
        }
    }
    return make_refusal(telling.word, telling.reason);
}

} // namespace slipway::verify
