// Which of two versions is the newer (UAPI Version Format Specification, as systemd's
// strverscmp_improved() reads it).

#pragma once

#include <compare>
#include <string_view>

namespace slipway::storage {

/// "1.2~rc1" < "1.2" < "1.2-1" < "1.2^post" < "1.2.1" < "1.10".
std::weak_ordering compare_versions(std::string_view a, std::string_view b) noexcept;

} // namespace slipway::storage
