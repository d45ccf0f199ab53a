// POSIX access control lists in the form in which the kernel keeps them: the value of the
// attributes system.posix_acl_access and system.posix_acl_default (linux/posix_acl_xattr.h,
// version 2, little endian).

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::pull {

inline constexpr std::string_view kAccessAcl = "system.posix_acl_access";
inline constexpr std::string_view kDefaultAcl = "system.posix_acl_default";

/// The numbers are the kernel's, and their order is the one it wants.
enum class AclTag : std::uint16_t {
    OwningUser = 0x01,
    User = 0x02,
    OwningGroup = 0x04,
    Group = 0x08,
    Mask = 0x10,
    Other = 0x20,
};

struct AclEntry {
    AclTag tag = AclTag::Other;
    std::uint16_t permissions = 0; ///< 4 read, 2 write, 1 execute
    std::uint32_t id = 0;          ///< of AclTag::User and AclTag::Group
};

/// The attribute's value; sorts the entries as the kernel requires.
std::string encode_acl(std::vector<AclEntry> entries);

} // namespace slipway::pull
