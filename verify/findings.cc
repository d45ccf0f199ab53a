// The words and their phrases: docs/verification.md, "Verdicts".

#include "verify/findings.hh"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/quoted.hh"

namespace slipway::verify {
namespace {

// "'a.img'{.sha256, .sha512}, 'SHA256SUMS'": names that go on from `base` share one.
std::string grouped(const std::string& base, const std::vector<std::string>& names) {
    std::vector<std::string> suffixes;
    std::vector<std::string> groups;
    for (const std::string& name : names) {
        if (!base.empty() && name.size() > base.size() && name.starts_with(base)) {
            suffixes.push_back(escaped(name.substr(base.size())));
        } else {
            groups.push_back(quoted(name));
        }
    }
    if (!suffixes.empty()) {
        groups.insert(groups.begin(),
                      fmt::format("{}{{{}}}", quoted(base), fmt::join(suffixes, ", ")));
    }
    return fmt::format("{}", fmt::join(groups, ", "));
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
        return ". If the key is the publisher's, compare its fingerprint with the publisher's own "
               "page and add it: slipway keys add FILE";
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

void Findings::missing_signatures(const std::string& document,
                                  const std::vector<std::string>& names) {
    missing_signatures_.push_back(grouped(document, names));
}

void Findings::note(VerdictWord word, std::string reason) {
    notes_.push_back({word, std::move(reason)});
}

Refusal Findings::refusal(const std::string& image) const {
    std::vector<std::string> beside = documents_;
    beside.insert(beside.end(), missing_image_signatures_.begin(), missing_image_signatures_.end());
    Note telling{VerdictWord::NoChecksum,
                 fmt::format("no checksum or signature found beside {}: none of {} exists",
                             quoted(image), grouped(file_, beside))};
    if (!missing_signatures_.empty() && !found_signature_) {
        std::vector<std::string> missing = missing_signatures_;
        if (!missing_image_signatures_.empty()) {
            missing.push_back(grouped(file_, missing_image_signatures_));
        }
        telling = {VerdictWord::Unsigned,
                   fmt::format("not signed: none of {} exists", fmt::join(missing, ", "))};
    }
    for (const Note& note : notes_) {
        if (rank(note.word) > rank(telling.word)) {
            telling = note;
        }
    }
    return make_refusal(telling.word, telling.reason);
}

} // namespace slipway::verify
