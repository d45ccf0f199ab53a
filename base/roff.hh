// Text in manual pages. Only requests of man(7) that groff and mandoc both know are used.

#pragma once

#include <string>
#include <string_view>

namespace slipway {

/// With dashes that can be copied and pasted, no escapes, and no request at the start.
std::string roff(std::string_view text);

} // namespace slipway
