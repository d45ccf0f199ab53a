// struct posix_acl_xattr_header and _entry, written out byte by byte.

#include "pull/acl.hh"

#include <algorithm>
#include <tuple>

namespace slipway::pull {
namespace {

constexpr std::uint32_t kVersion = 2;
constexpr std::uint32_t kNoId = 0xffffffff;

void append(std::string& out, std::uint32_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) {
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    }
}

bool has_id(AclTag tag) noexcept {
    return tag == AclTag::User || tag == AclTag::Group;
}

} // namespace

std::string encode_acl(std::vector<AclEntry> entries) {
    std::sort(entries.begin(), entries.end(), [](const AclEntry& a, const AclEntry& b) {
        return std::tuple(a.tag, a.id) < std::tuple(b.tag, b.id);
    });
    std::string value;
    append(value, kVersion, 4);
    for (const AclEntry& entry : entries) {
        append(value, static_cast<std::uint16_t>(entry.tag), 2);
        append(value, entry.permissions, 2);
        append(value, has_id(entry.tag) ? entry.id : kNoId, 4);
    }
    return value;
}

} // namespace slipway::pull
