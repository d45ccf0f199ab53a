// The keeper's end of `slipway-unpack tree` and `disk`: starts the program and listens to it. Links
// neither codec nor archive library.

#pragma once

#include <stop_token>

#include "base/answering_program.hh"
#include "pull/wire.hh"

namespace slipway::pull {

/// One slipway-unpack with its target and its input. One thread.
class Unpacker {
public:
    /// @param target   of Work::Tree the directory it will see as "/", opened O_RDONLY; of
    ///                 Work::Digest -1: none; else an empty file opened O_RDWR. Borrowed
    /// @param input    the packed bytes: a kernel pipe, a file, a socket; borrowed
    /// @param scratch  of Work::Disk an empty file without a name, opened O_RDWR, for what comes in
    ///                 an order that cannot be streamed; -1: such images are refused. Borrowed
    /// @param copy     a pipe that the packed bytes are written to as well, from the first byte to
    ///                 the end of the input; that nobody reads them any more is no error. -1: not
    ///                 wanted. Borrowed
    /// @param keep     an empty file, opened for writing, that they are written to as well; that it
    ///                 cannot hold them is no error, and said by UnpackDone. -1: not wanted.
    ///                 Borrowed
    Unpacker(UnpackRequest request, int target, int input, int scratch = -1, int copy = -1,
             int keep = -1);

    /// The next answer. After UnpackDone or UnpackFailure nothing more comes.
    /// @throws Error Internal: the program died: how, with what it said on stderr;
    ///         Limit when it was killed for want of memory; Canceled
    UnpackAnswer next(std::stop_token stop);
    /// Readable when an answer waits or the program has ended.
    int socket() const noexcept { return program_.socket(); }
    pid_t pid() const noexcept { return program_.pid(); }

private:
    AnsweringProgram program_;
};

} // namespace slipway::pull
