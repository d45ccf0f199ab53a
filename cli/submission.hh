// What the daemon is asked for (docs/protocol.md §6).

#pragma once

#include <string>

#include "transfer/request.hh"

namespace slipway::cli {

/// Options whose defaults the daemon's configuration says.
struct Said {
    bool verify = false;
    bool keep_download = false;
};

/// The request as Submit takes it: without what is the daemon's to say. An option that has its
/// default is left out, so that the daemon's configuration counts, and so that nobody needs the
/// rights of root for a value that nobody asked for.
/// @param source  what to call the descriptor of an import or export in lists; empty: none
/// @param said    which options were given
/// @throws Error InvalidArgument: the image would have no valid name
std::string submission(const transfer::Request& request, const std::string& source,
                       const Said& said);

/// "-", or the absolute path of what is imported.
std::string source_of(const std::string& operand);

} // namespace slipway::cli
