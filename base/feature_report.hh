// What `slipway-NAME features` prints (docs/protocol.md §5): the fences that hold on this host and
// the engines that the program is built with.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/confine.hh"

namespace slipway {

/// One JSON object, without a newline.
/// @param by_design  the fences that this program raises where the host lets it; others are not
///                   listed
/// @param landlock   landlock_version() from before the fences were raised: afterwards nobody may
///                   ask
std::string feature_report(std::string_view program, unsigned by_design, const Confined& confined,
                           int landlock, const std::map<std::string, std::string>& engines);

} // namespace slipway
