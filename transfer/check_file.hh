// A detached signature over a file that is here whole.

#pragma once

#include <stop_token>
#include <string_view>

#include "verify/checker.hh"

namespace slipway::transfer {

/// @param file  read from its start; its offset stays
/// @throws Error engine-failed; Canceled
verify::SignatureReport check_file(const verify::SignatureChecker& checker,
                                   std::string_view signature, int file,
                                   const std::stop_token& stop);

} // namespace slipway::transfer
