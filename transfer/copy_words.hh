// What a copy has to say for itself, in words.

#pragma once

#include <string>
#include <vector>

#include "transfer/event.hh"
#include "volume/copy_tree.hh"

namespace slipway::transfer {

/// "196M copied in 9895 entries; 9000 of 9000 files share their blocks with it".
std::string amount_of(const volume::CopiedTree& tree);

/// A line for everything that is not in the copy as it was in the source.
std::vector<LogLine> remarks_on(const volume::CopiedTree& tree);

} // namespace slipway::transfer
