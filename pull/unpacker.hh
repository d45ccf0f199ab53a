// The keeper's end of `slipway-unpack tree`: starts the program and listens to it. Links neither
// codec nor archive library.

#pragma once

#include <optional>
#include <stop_token>

#include "base/child_process.hh"
#include "base/fd.hh"
#include "pull/wire.hh"

namespace slipway::pull {

/// One slipway-unpack with its staging and its input. One thread.
class Unpacker {
public:
    /// @param staging  the directory it will see as "/"; borrowed
    /// @param input    the packed bytes: a kernel pipe, a file, a socket; borrowed
    Unpacker(const UnpackRequest& request, int staging, int input);

    /// The next answer. After UnpackDone or UnpackFailure nothing more comes.
    /// @throws Error Internal: the program died: how, with what it said on stderr;
    ///         Limit when it was killed for want of memory; Canceled
    UnpackAnswer next(std::stop_token stop);
    /// Readable when an answer waits or the program has ended.
    int socket() const noexcept { return socket_.get(); }
    pid_t pid() const noexcept { return child_->pid(); }

private:
    Fd socket_;
    std::optional<ChildProcess> child_;
};

} // namespace slipway::pull
