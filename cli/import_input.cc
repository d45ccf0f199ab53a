// A terminal is nobody's archive: whoever forgot the file is told, and does not wait.

#include "cli/import_input.hh"

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::cli {
namespace {

Error refuse_terminal(transfer::Verb verb) {
    const bool disk = transfer::brings_disk(verb);
    return Error(Kind::InvalidArgument,
                 "{}: standard input is a terminal; expected {}, as in {} | slipway {} - web",
                 transfer::word(verb), disk ? "a disk image" : "an archive",
                 disk ? "ssh host cat disk.img" : "docker export web", transfer::word(verb));
}

} // namespace

Fd open_import_input(transfer::Verb verb, const std::string& operand) {
    const bool is_directory = verb == transfer::Verb::ImportFs;
    const bool is_stdin = operand == "-" && !is_directory;
    if (is_stdin && ::isatty(STDIN_FILENO) == 1) {
        throw refuse_terminal(verb);
    }
    Fd fd(is_stdin ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                   : ::open(operand.c_str(),
                            O_RDONLY | O_CLOEXEC | (is_directory ? O_DIRECTORY : O_NOCTTY)));
    if (!fd) {
        throw errno_error("cannot open {}", quoted(operand));
    }
    return fd;
}

} // namespace slipway::cli
