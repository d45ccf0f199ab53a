// A signature straight over the image, checked while its bytes go by; nothing where the judge asks
// for none.

#pragma once

#include <optional>
#include <stop_token>

#include "verify/checker.hh"
#include "verify/judge.hh"

namespace slipway::transfer {

class ImageCheck {
public:
    /// @throws Error  engine-failed
    ImageCheck(const verify::Judge& judge, const verify::SignatureChecker& checker);

    /// Where the bytes go; -1: nowhere.
    int input() const noexcept { return check_ ? check_->input() : -1; }
    /// To be called once slipway-unpack has ended, and with it its copy of the pipe.
    /// @throws Error  engine-failed; Canceled
    std::optional<verify::SignatureReport> finish(const std::stop_token& stop);

private:
    std::optional<verify::StreamedCheck> check_;
};

} // namespace slipway::transfer
