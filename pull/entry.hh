// One entry of an archive as a value: what pull/archive_reader.hh reads and pull/tree_writer.hh
// puts on disk. Names are bytes, owners are numbers.

#pragma once

#include <cstdint>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace slipway::pull {

enum class EntryType {
    File,
    Directory,
    Symlink,
    HardLink,
    CharDevice,
    BlockDevice,
    Fifo,
    Socket,
};

/// An extended attribute; ACLs are the attributes "system.posix_acl_access" and "…_default".
struct Attribute {
    std::string name;
    std::string value;
};

/// What an inode carries beside its contents.
struct Metadata {
    mode_t mode = 0; ///< 07777
    uid_t uid = 0;
    gid_t gid = 0;
    std::optional<timespec> mtime;
    std::optional<timespec> atime;
    std::vector<Attribute> attributes; ///< each name once
};

struct Entry {
    std::string name; ///< as the archive has it; not yet judged
    EntryType type = EntryType::File;
    std::string target; ///< of a symlink; for a hard link a name within the archive
    Metadata metadata;
    std::uint64_t size_bytes = 0; ///< of a file, holes included
    bool sparse = false;          ///< the archive says where the holes are
    std::uint32_t device_major = 0;
    std::uint32_t device_minor = 0;
    bool file_flags = false; ///< it carries flags such as "immutable", which are not kept
};

} // namespace slipway::pull
