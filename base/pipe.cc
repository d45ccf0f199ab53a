// pipe2(2), with owners.

#include "base/pipe.hh"

#include <array>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway {

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    return {Fd(ends[0]), Fd(ends[1])};
}

} // namespace slipway
