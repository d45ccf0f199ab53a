// The sentence of this room: walk, describe, copy. A name's header is complete before its content
// is read, so that nothing is held but one file's map.

#include "export/write_tar.hh"

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>
#include <unordered_map>

#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "export/acl_text.hh"
#include "export/pax_header.hh"
#include "export/sparse_map.hh"
#include "export/tree_walk.hh"
#include "volume/attribute_class.hh"
#include "volume/inode_id.hh"

namespace slipway::exports {
namespace {

constexpr std::size_t kBlockBytes = 512;
constexpr std::size_t kRecordBytes = 20 * kBlockBytes; // pax(1): archives end on such a border
constexpr std::size_t kMostNamed = 10;                 // files that are warned of by name

constexpr std::string_view kAccessAcl = "system.posix_acl_access";
constexpr std::string_view kDefaultAcl = "system.posix_acl_default";

// What we and systemd note about an image as a whole.
constexpr std::array<std::string_view, 2> kOfTheImage{"user.slipway.origin", "user.crtime_usec"};

struct HashId {
    std::size_t operator()(const volume::InodeId& id) const noexcept {
        return std::hash<std::uint64_t>()(id.inode ^ (std::uint64_t{id.device} << 48));
    }
};

std::string counted(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// GNU tar's way for the two characters that would end a key or begin a code in it.
std::string attribute_key(std::string_view name) {
    std::string key = "SCHILY.xattr.";
    for (const char byte : name) {
        key += byte == '%' ? "%25" : byte == '=' ? "%3D" : std::string(1, byte);
    }
    return key;
}

class TarWriting {
public:
    TarWriting(bool privileged, stream::Sink& out, Counters& counters,
               const std::function<void(std::string_view)>& warn)
        : privileged_(privileged), out_(out), counters_(counters), warn_(warn) {}

    WrittenTar run(int root) {
        const WalkedTree walked = walk_tree(root, [this](TreeItem& item) { add(item); });
        pad(2 * kBlockBytes); // the end mark
        pad((kRecordBytes - result_.size_bytes % kRecordBytes) % kRecordBytes);
        warn_of(walked);
        return result_;
    }

private:
    void add(TreeItem& item);
    void add_file(const TreeItem& item, TarEntry entry);
    bool is_known_link(const TreeItem& item, TarEntry& entry);
    void describe(const TreeItem& item, TarEntry& entry);
    void add_attributes(const TreeItem& item, TarEntry& entry);
    std::uint64_t copy(int fd, const Stretch& stretch);
    void check_unchanged(const TreeItem& item, std::uint64_t missing_bytes);
    void write(std::string_view text);
    void pad(std::uint64_t size);
    void count(std::uint64_t size);
    void warn_of(const WalkedTree& walked) const;

    bool privileged_;
    stream::Sink& out_;
    Counters& counters_;
    const std::function<void(std::string_view)>& warn_;
    WrittenTar result_;
    std::unordered_map<volume::InodeId, std::string, HashId> links_; ///< to the first name
    std::uint64_t changed_ = 0;
};

EntryType type_of(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return EntryType::Directory;
    case S_IFLNK:
        return EntryType::Symlink;
    case S_IFCHR:
        return EntryType::CharDevice;
    case S_IFBLK:
        return EntryType::BlockDevice;
    case S_IFIFO:
        return EntryType::Fifo;
    default:
        return EntryType::File;
    }
}

void TarWriting::add(TreeItem& item) {
    if (S_ISSOCK(item.info.st_mode)) {
        ++result_.sockets;
        return;
    }
    TarEntry entry;
    describe(item, entry);
    ++result_.entries;
    counters_.entries.store(result_.entries, std::memory_order_relaxed);
    if (is_known_link(item, entry)) {
        write(pax_header(entry));
        return;
    }
    add_attributes(item, entry);
    if (entry.type == EntryType::File) {
        add_file(item, std::move(entry));
    } else {
        write(pax_header(entry));
    }
}

void TarWriting::describe(const TreeItem& item, TarEntry& entry) {
    const struct stat& info = item.info;
    entry.type = type_of(info.st_mode);
    entry.name = item.path.empty() ? "./" : "./" + item.path;
    if (entry.type == EntryType::Directory && !item.path.empty()) {
        entry.name += '/';
    }
    entry.target = item.target;
    entry.mode = info.st_mode;
    entry.uid = info.st_uid;
    entry.gid = info.st_gid;
    entry.mtime = info.st_mtim;
    if (entry.type == EntryType::CharDevice || entry.type == EntryType::BlockDevice) {
        entry.device_major = major(info.st_rdev);
        entry.device_minor = minor(info.st_rdev);
    }
}

// A name of what has been written under another one.
bool TarWriting::is_known_link(const TreeItem& item, TarEntry& entry) {
    if (item.info.st_nlink < 2 || entry.type == EntryType::Directory) {
        return false;
    }
    const auto [known, is_new] =
        links_.try_emplace({item.info.st_dev, item.info.st_ino}, entry.name);
    if (!is_new) {
        entry.type = EntryType::HardLink;
        entry.target = known->second;
    }
    return !is_new;
}

void TarWriting::add_attributes(const TreeItem& item, TarEntry& entry) {
    for (const volume::Attribute& attribute : item.attributes) {
        const std::string& name = attribute.name;
        if (name == kAccessAcl || name == kDefaultAcl) {
            entry.records.emplace_back(name == kAccessAcl ? "SCHILY.acl.access"
                                                          : "SCHILY.acl.default",
                                       acl_text(attribute.value));
        } else if (volume::class_of_attribute(name) == volume::AttributeClass::Privileged &&
                   !privileged_) {
            ++result_.privileged_attributes;
        } else if (std::find(kOfTheImage.begin(), kOfTheImage.end(), name) == kOfTheImage.end()) {
            entry.records.emplace_back(attribute_key(name), attribute.value);
        }
    }
    // Whatever order the file system lists them in.
    std::sort(entry.records.begin(), entry.records.end());
}

void TarWriting::add_file(const TreeItem& item, TarEntry entry) {
    const auto size = static_cast<std::uint64_t>(item.info.st_size);
    const std::vector<Stretch> stretches = data_stretches(item.fd.get(), item.info);
    std::uint64_t data = 0;
    for (const Stretch& stretch : stretches) {
        data += stretch.length;
    }
    entry.size_bytes = data;
    std::string map;
    if (data != size) {
        map = sparse_map_text(stretches, size);
        entry.sparse_size_bytes = size;
        entry.size_bytes += map.size();
    }
    write(pax_header(entry));
    write(map);
    std::uint64_t missing = 0;
    for (const Stretch& stretch : stretches) {
        missing += copy(item.fd.get(), stretch);
    }
    pad((kBlockBytes - data % kBlockBytes) % kBlockBytes);
    check_unchanged(item, missing);
}

// How many bytes were not there any more; zeros stand in their place.
std::uint64_t TarWriting::copy(int fd, const Stretch& stretch) {
    std::uint64_t done = 0;
    while (done < stretch.length) {
        std::span<std::byte> into = out_.room();
        into = into.first(std::min<std::uint64_t>(into.size(), stretch.length - done));
        const ssize_t got =
            ::pread(fd, into.data(), into.size(), static_cast<off_t>(stretch.offset + done));
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            throw errno_error("cannot read it");
        }
        if (got > 0) {
            out_.advance(static_cast<std::size_t>(got));
            count(static_cast<std::uint64_t>(got));
            done += static_cast<std::uint64_t>(got);
        }
    }
    pad(stretch.length - done);
    return stretch.length - done;
}

void TarWriting::check_unchanged(const TreeItem& item, std::uint64_t missing_bytes) {
    struct stat now {};
    if (::fstat(item.fd.get(), &now) < 0) {
        throw errno_error("cannot look at it again");
    }
    if (missing_bytes == 0 && now.st_size == item.info.st_size &&
        now.st_mtim.tv_sec == item.info.st_mtim.tv_sec &&
        now.st_mtim.tv_nsec == item.info.st_mtim.tv_nsec) {
        return;
    }
    if (++changed_ <= kMostNamed) {
        warn_(missing_bytes != 0
                  ? fmt::format("{} became shorter while it was read: {} are zeros in the archive",
                                quoted(item.path), counted(missing_bytes, "byte"))
                  : fmt::format("{} changed while it was read: the archive may hold a mixture",
                                quoted(item.path)));
    }
}

void TarWriting::write(std::string_view text) {
    out_.write(as_bytes(text));
    count(text.size());
}

void TarWriting::pad(std::uint64_t size) {
    static constexpr std::array<std::byte, 64 * KiB> kZeros{};
    while (size > 0) {
        const std::size_t some = std::min<std::uint64_t>(size, kZeros.size());
        out_.write(Bytes(kZeros).first(some));
        count(some);
        size -= some;
    }
}

void TarWriting::count(std::uint64_t size) {
    result_.size_bytes += size;
    counters_.read_bytes.store(result_.size_bytes, std::memory_order_relaxed);
}

// What of the tree is not in the archive, one line a kind.
void TarWriting::warn_of(const WalkedTree& walked) const {
    if (result_.sockets != 0) {
        warn_("left out: " + counted(result_.sockets, "socket"));
    }
    if (result_.privileged_attributes != 0) {
        warn_(fmt::format("left out: {} of security.*; keep such with --privileged-xattrs",
                          counted(result_.privileged_attributes, "attribute")));
    }
    if (walked.mounts != 0) {
        warn_("not entered: " + counted(walked.mounts, "mount"));
    }
    if (walked.vanished != 0) {
        warn_(fmt::format("left out: {} that went away while the tree was read",
                          counted(walked.vanished, "name")));
    }
    if (changed_ > kMostNamed) {
        warn_(fmt::format("changed while they were read: {} more",
                          counted(changed_ - kMostNamed, "file")));
    }
}

} // namespace

WrittenTar write_tar(int root, bool privileged, stream::Sink& out, Counters& counters,
                     const std::function<void(std::string_view)>& warn) {
    return TarWriting(privileged, out, counters, warn).run(root);
}

} // namespace slipway::exports
