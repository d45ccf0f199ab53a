// Access control lists as tar archives have them: SCHILY.acl.access and SCHILY.acl.default of star,
// which GNU tar, libarchive and star read.

#pragma once

#include <string>
#include <string_view>

namespace slipway::exports {

/// "user::rwx,user:1000:r-x,group::r-x,mask::r-x,other::r--": numbers only, names are other
/// people's elsewhere.
/// @param value  of system.posix_acl_access or system.posix_acl_default
///               (linux/posix_acl_xattr.h, version 2)
/// @throws Error Unsupported: it is not such a value
std::string acl_text(std::string_view value);

} // namespace slipway::exports
