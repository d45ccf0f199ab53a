// Which extended attributes travel between a tree and an archive (xattr(7)).

#pragma once

#include <string_view>

namespace slipway::volume {

enum class AttributeClass {
    Keep,
    Privileged, ///< needs more rights than an image should be unpacked with
    Shadow,     ///< another view of an ACL that the file system makes itself
};

/// By name alone: trusted.* and security.* (but security.capability) are privileged; xfs shows
/// each ACL a second time as trusted.SGI_ACL_*.
AttributeClass class_of_attribute(std::string_view name) noexcept;

} // namespace slipway::volume
