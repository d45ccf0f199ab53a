// A pipe of ours.

#pragma once

#include "base/fd.hh"

namespace slipway {

struct Pipe {
    Fd read;
    Fd write;
};

/// Both ends close-on-exec.
/// @throws Error
Pipe make_pipe();

} // namespace slipway
