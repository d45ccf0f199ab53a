// Data that follows data is one claim: an image without gaps needs a handful of them.

#include "disk/claims.hh"

namespace slipway::disk {
namespace {

bool follows(const Claim& before, const Claim& claim) {
    if (claim.content != before.content || claim.start != before.start + before.length) {
        return false;
    }
    return claim.content == Content::Unused ||
           (claim.content == Content::Data && claim.disk == before.disk + before.length &&
            claim.subclusters == ~0U && before.subclusters == ~0U);
}

} // namespace

void Claims::add(const Claim& claim) {
    if (holds_ && follows(held_, claim)) {
        held_.length += claim.length;
        return;
    }
    flush();
    held_ = claim;
    holds_ = true;
}

void Claims::flush() {
    if (holds_) {
        queue_.push(held_);
        holds_ = false;
    }
}

const Claim& Claims::first() {
    flush();
    return queue_.top();
}

Claim Claims::take_first() {
    const Claim claim = first();
    queue_.pop();
    return claim;
}

} // namespace slipway::disk
