// Only a mismatch is worth it: no other refusal depends on when documents were made.

#include "transfer/second_look.hh"

#include "base/error.hh"

namespace slipway::transfer {

std::optional<Verdict> judge_with_second_look(verify::Judge& judge, verify::Library& library,
                                              const stream::Digests& digests, Report& report,
                                              bool may_restart) {
    try {
        return judge.judge(digests);
    } catch (const Error& error) {
        report.stage("verify");
        if (error.verdict() != VerdictWord::DigestMismatch || !judge.look_again(library)) {
            throw;
        }
    }
    try {
        return judge.judge(digests);
    } catch (const Error& error) {
        if (error.verdict() != VerdictWord::DigestMismatch || !may_restart) {
            throw;
        }
        return std::nullopt;
    }
}

} // namespace slipway::transfer
