// By which kept downloads know the place that they came from: no secret of a URL is written down.

#pragma once

#include <string>

#include "base/url.hh"

namespace slipway::cache {

/// The masked URL; where it has a query, with 32 bits of a hash of that behind it: enough to tell
/// "?id=5" from "?id=6", and too little to find a token by. The user part does not count beyond
/// that there is one.
std::string address_of(const Url& url);

} // namespace slipway::cache
