// A directory or file of the host shown in a machine that runs, also in one with users of its own.

#pragma once

#include <string>

#include "spawn/guest.hh"

namespace slipway::toolbox {

struct BindOrder {
    std::string source;
    std::string target; ///< absolute, in the machine
    bool read_only = false;
    bool make_target = false; ///< and what leads to it, where it is not there
};

/// Mounts it there, with what is mounted below it. It is the machine's: it ends with the machine,
/// and nothing of it is seen on the host. Where the machine has users of its own, what belongs to
/// root of the host belongs to root of the machine there.
/// @throws Error NotFound: no source, or no target; InvalidArgument: a file on a directory, or the
///         other way round; Unsupported: a file system that cannot map users
void bind_into(const spawn::Guest& guest, const BindOrder& order);

} // namespace slipway::toolbox
