// Starting and ending the check.

#include "transfer/image_check.hh"

namespace slipway::transfer {

ImageCheck::ImageCheck(const verify::Judge& judge, const verify::SignatureChecker& checker) {
    if (const verify::ImageSignature* signature = judge.image_signature()) {
        check_.emplace(checker, signature->content);
    }
}

std::optional<verify::SignatureReport> ImageCheck::finish(const std::stop_token& stop) {
    if (!check_) {
        return std::nullopt;
    }
    check_->close_input();
    return check_->finish(stop);
}

} // namespace slipway::transfer
