// archive_entry(3) → Entry, field by field.

#include "pull/archive_entry.hh"

#include <algorithm>
#include <array>
#include <limits>

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "pull/acl.hh"

namespace slipway::pull {
namespace {

std::uint32_t id_from(std::int64_t number, std::string_view field) {
    // 2³²-1 means "leave it" to chown(2).
    if (number < 0 || number >= std::numeric_limits<std::uint32_t>::max()) {
        throw Error(Kind::Corrupt, "its {} {} is not one that a file can have", field, number);
    }
    return static_cast<std::uint32_t>(number);
}

// The kernel keeps 12 bits of major and 20 of minor number and cuts the rest off.
std::uint32_t device_from(dev_t number, std::uint32_t limit, std::string_view field) {
    if (number >= limit) {
        throw Error(Kind::Corrupt, "its {} device number {} is too large", field, number);
    }
    return static_cast<std::uint32_t>(number);
}

AclTag tag_from(int tag) {
    switch (tag) {
    case ARCHIVE_ENTRY_ACL_USER_OBJ:
        return AclTag::OwningUser;
    case ARCHIVE_ENTRY_ACL_USER:
        return AclTag::User;
    case ARCHIVE_ENTRY_ACL_GROUP_OBJ:
        return AclTag::OwningGroup;
    case ARCHIVE_ENTRY_ACL_GROUP:
        return AclTag::Group;
    case ARCHIVE_ENTRY_ACL_MASK:
        return AclTag::Mask;
    case ARCHIVE_ENTRY_ACL_OTHER:
        return AclTag::Other;
    default:
        throw Error(Kind::Corrupt, "its access control list has an entry of unknown kind");
    }
}

std::string acl_from(archive_entry* from, int wanted) {
    std::vector<AclEntry> entries;
    archive_entry_acl_reset(from, wanted);
    int type = 0;
    int permissions = 0;
    int tag = 0;
    int id = 0;
    const char* name = nullptr;
    while (archive_entry_acl_next(from, wanted, &type, &permissions, &tag, &id, &name) ==
           ARCHIVE_OK) {
        AclEntry& entry = entries.emplace_back();
        entry.tag = tag_from(tag);
        entry.permissions = static_cast<std::uint16_t>(permissions & 7);
        const bool named = entry.tag == AclTag::User || entry.tag == AclTag::Group;
        if (named && id < 0) {
            throw Error(Kind::Unsupported,
                        "its access control list names {} without a number, and names are other "
                        "people's here; pack the tree again with tar --numeric-owner",
                        quoted(name == nullptr ? "" : name));
        }
        entry.id = named ? static_cast<std::uint32_t>(id) : 0;
    }
    return encode_acl(std::move(entries));
}

void add_attribute(std::vector<Attribute>& to, std::string_view name, std::string_view value) {
    const auto same = std::find_if(to.begin(), to.end(),
                                   [name](const Attribute& had) { return had.name == name; });
    if (same == to.end()) {
        to.push_back({std::string(name), std::string(value)});
    } else if (same->value != value) {
        throw Error(Kind::Corrupt, "it has two different values of the attribute {}", quoted(name));
    }
}

// bsdtar writes each attribute twice, under two keys; GNU tar may write an ACL as an attribute and
// as text. The attribute is exact, the text is taken where there is nothing else.
void read_attributes(archive_entry* from, std::vector<Attribute>& to) {
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    archive_entry_xattr_reset(from);
    while (archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK) {
        add_attribute(to, name, {static_cast<const char*>(value), size});
    }
    const int types = archive_entry_acl_types(from);
    for (const auto& [type, attribute] : {std::pair(ARCHIVE_ENTRY_ACL_TYPE_ACCESS, kAccessAcl),
                                          std::pair(ARCHIVE_ENTRY_ACL_TYPE_DEFAULT, kDefaultAcl)}) {
        const bool had = std::any_of(to.begin(), to.end(), [attribute = attribute](const auto& a) {
            return a.name == attribute;
        });
        if ((types & type) != 0 && !had) {
            to.push_back({std::string(attribute), acl_from(from, type)});
        }
    }
    if ((types & ARCHIVE_ENTRY_ACL_TYPE_NFS4) != 0) {
        to.push_back({"system.nfs4_acl", ""}); // which no file system of ours takes
    }
}

// What libarchive makes something of by its kind, and not a regular file for want of better.
constexpr std::array kKnownTypes{'\0', '0', '1', '2', '3', '4', '5', '6', '7', 'D', 'S'};

EntryType type_from(archive_entry* from, const RawHeader& raw, std::string_view name) {
    if (std::find(kKnownTypes.begin(), kKnownTypes.end(), raw.type) == kKnownTypes.end()) {
        throw Error(Kind::Unsupported, "it is of type {}, which is not supported",
                    quoted({&raw.type, 1}));
    }
    if (archive_entry_hardlink(from) != nullptr) {
        return EntryType::HardLink;
    }
    // As star and old tar programs write them, which keep the type bits of the mode.
    const bool plain = raw.type == '0' || raw.type == '\0';
    if (plain && ((raw.mode & S_IFMT) == S_IFSOCK || raw.find("SCHILY.filetype") == "socket")) {
        return EntryType::Socket;
    }
    switch (archive_entry_filetype(from)) {
    case AE_IFDIR:
        return EntryType::Directory;
    case AE_IFLNK:
        return EntryType::Symlink;
    case AE_IFCHR:
        return EntryType::CharDevice;
    case AE_IFBLK:
        return EntryType::BlockDevice;
    case AE_IFIFO:
        return EntryType::Fifo;
    default:
        return plain && name.ends_with('/') ? EntryType::Directory : EntryType::File;
    }
}

void read_times(archive_entry* from, const RawHeader& raw, Metadata& to) {
    if (const auto text = raw.find("mtime")) {
        to.mtime = parse_pax_time(*text);
    } else if (archive_entry_mtime_is_set(from) != 0) {
        to.mtime = timespec{archive_entry_mtime(from), archive_entry_mtime_nsec(from)};
    }
    if (const auto text = raw.find("atime")) {
        to.atime = parse_pax_time(*text);
    } else if (archive_entry_atime_is_set(from) != 0) {
        to.atime = timespec{archive_entry_atime(from), archive_entry_atime_nsec(from)};
    }
}

std::string text_or(std::optional<std::string_view> raw, const char* other) {
    return raw ? std::string(*raw) : std::string(other == nullptr ? "" : other);
}

} // namespace

void read_entry(archive_entry* from, const RawHeader& raw, Entry& to) {
    to.type = type_from(from, raw, to.name);
    if (to.type == EntryType::Symlink) {
        to.target = text_or(raw.target(), archive_entry_symlink(from));
    } else if (to.type == EntryType::HardLink) {
        to.target = text_or(raw.target(), archive_entry_hardlink(from));
    }
    to.metadata.mode = archive_entry_perm(from) & 07777;
    to.metadata.uid = id_from(archive_entry_uid(from), "user id");
    to.metadata.gid = id_from(archive_entry_gid(from), "group id");
    read_times(from, raw, to.metadata);
    read_attributes(from, to.metadata.attributes);
    if (to.type == EntryType::File) {
        const la_int64_t size = archive_entry_size(from);
        if (size < 0) {
            throw Error(Kind::Corrupt, "its size {} is not one that a file can have", size);
        }
        to.size_bytes = static_cast<std::uint64_t>(size);
        to.sparse = archive_entry_sparse_count(from) > 0;
    }
    if (to.type == EntryType::CharDevice || to.type == EntryType::BlockDevice) {
        to.device_major = device_from(archive_entry_rdevmajor(from), 1U << 12, "major");
        to.device_minor = device_from(archive_entry_rdevminor(from), 1U << 20, "minor");
    }
    to.file_flags = archive_entry_fflags_text(from) != nullptr;
}

std::uint64_t data_bytes(archive_entry* from, const Entry& entry) {
    if (!entry.sparse) {
        return entry.size_bytes;
    }
    std::uint64_t sum = 0;
    la_int64_t offset = 0;
    la_int64_t length = 0;
    archive_entry_sparse_reset(from);
    while (archive_entry_sparse_next(from, &offset, &length) == ARCHIVE_OK) {
        sum += static_cast<std::uint64_t>(length);
    }
    return sum;
}

} // namespace slipway::pull
