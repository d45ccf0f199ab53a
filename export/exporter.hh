// The keeper's end of `slipway-unpack export-tar` and `export-raw`: starts the program and listens
// to it. Links neither codec nor anything that reads the image.

#pragma once

#include <stop_token>

#include "base/answering_program.hh"
#include "export/wire.hh"

namespace slipway::exports {

/// One slipway-unpack with what it reads and where it writes. One thread.
class Exporter {
public:
    /// @param image   of Work::Tar the directory that it will see as "/", read-only, opened
    /// O_RDONLY; of
    ///                Work::Raw the disk, the same. Borrowed
    /// @param output  a file, pipe or socket, written from where it stands. Borrowed
    Exporter(const ExportRequest& request, int image, int output);

    /// The next answer. After Exported or ExportFailure nothing more comes.
    /// @throws as AnsweringProgram::next()
    ExportAnswer next(std::stop_token stop);
    /// Readable when an answer waits or the program has ended.
    int socket() const noexcept { return program_.socket(); }
    pid_t pid() const noexcept { return program_.pid(); }

private:
    AnsweringProgram program_;
};

} // namespace slipway::exports
