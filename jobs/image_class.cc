// Classes of images: systemd's words, each with a pool of its own.

#include <algorithm>
#include <array>

#include "jobs/service.hh"

namespace slipway::jobs {

bool is_image_class(std::string_view word) noexcept {
    constexpr std::array<std::string_view, 4> kClasses{"machine", "portable", "sysext", "confext"};
    return std::find(kClasses.begin(), kClasses.end(), word) != kClasses.end();
}

} // namespace slipway::jobs
