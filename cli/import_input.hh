// What an import reads, opened here and passed on.

#pragma once

#include <string>

#include "base/fd.hh"
#include "transfer/request.hh"

namespace slipway::cli {

/// Standard input for "-"; of import-fs a directory, else the file. Waits for the writer of a FIFO.
/// @throws Error InvalidArgument: standard input is a terminal; NotFound, Denied
Fd open_import_input(transfer::Verb verb, const std::string& operand);

} // namespace slipway::cli
