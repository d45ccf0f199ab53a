// Only what contradicts the bytes is worth it: no other refusal depends on when documents were
// made.

#include "transfer/second_look.hh"

#include <string>

#include "base/error.hh"

namespace slipway::transfer {
namespace {

bool contradicts(const Error& error) noexcept {
    return error.verdict() == VerdictWord::DigestMismatch ||
           error.verdict() == VerdictWord::BadSignature;
}

// A signature over the image is checked while it comes: another one asks for the image again.
std::string image_signature(const verify::Judge& judge) {
    return judge.image_signature() == nullptr ? "" : judge.image_signature()->content;
}

} // namespace

std::optional<Verdict> judge_with_second_look(verify::Judge& judge, verify::Library& library,
                                              const Arrived& arrived, Report& report,
                                              bool may_restart) {
    const std::string checked = image_signature(judge);
    try {
        return judge.judge(arrived.digests, arrived.over_image);
    } catch (const Error& error) {
        report.stage("verify");
        if (!contradicts(error) || !judge.look_again(library) ||
            (image_signature(judge) != checked && !may_restart)) {
            throw;
        }
    }
    if (image_signature(judge) != checked) {
        return std::nullopt;
    }
    try {
        return judge.judge(arrived.digests, arrived.over_image);
    } catch (const Error& error) {
        if (!contradicts(error) || !may_restart) {
            throw;
        }
        return std::nullopt;
    }
}

} // namespace slipway::transfer
