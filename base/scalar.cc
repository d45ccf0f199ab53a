// Yes and no.

#include "base/scalar.hh"

#include <algorithm>
#include <array>

namespace slipway {

bool parse_truth(std::string_view text) {
    constexpr std::array<std::string_view, 4> kYes{"yes", "true", "on", "1"};
    constexpr std::array<std::string_view, 4> kNo{"no", "false", "off", "0"};
    const bool yes = std::find(kYes.begin(), kYes.end(), text) != kYes.end();
    if (!yes && std::find(kNo.begin(), kNo.end(), text) == kNo.end()) {
        throw Error(Kind::InvalidArgument, "{} is neither yes nor no", quoted(text));
    }
    return yes;
}

} // namespace slipway
