// Directories do not count: some archivers put one around the file.

#include "pull/disk_archive.hh"

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

// "./a/b" as "a/b".
std::string_view plain(std::string_view name) {
    while (name.starts_with("./")) {
        name.remove_prefix(2);
    }
    return name;
}

// What 'docker save' and OCI layouts begin with: layers named by their digests.
bool is_layered(std::string_view name) {
    constexpr std::size_t kDigestLength = 64;
    name = plain(name);
    const std::string_view top = name.substr(0, name.find('/'));
    const bool digest = top.size() == kDigestLength && top.size() < name.size() &&
                        top.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    return digest || name.starts_with("blobs/sha256/") || name == "oci-layout" ||
           name == "index.json" || name == "manifest.json" || name == "repositories";
}

[[noreturn]] void throw_layered() {
    throw Error(Kind::Unsupported,
                "the archive is a container image in layers, not a disk image; make a container of "
                "it, take what 'docker export' or 'podman export' writes, and bring that in with "
                "pull-tar or import-tar");
}

} // namespace

bool DiskArchive::next_other(Entry& entry) {
    while (reader_.next(entry)) {
        if (is_layered(entry.name)) {
            throw_layered();
        }
        if (entry.type != EntryType::Directory) {
            return true;
        }
    }
    return false;
}

const Entry& DiskArchive::find() {
    if (!next_other(disk_)) {
        throw Error(Kind::Corrupt, "the archive holds no file; expected one disk image");
    }
    if (disk_.type != EntryType::File) {
        throw Error(Kind::Unsupported,
                    "the archive holds {}, which is no plain file; expected one disk image alone. "
                    "A tree is brought in with pull-tar or import-tar",
                    quoted(disk_.name));
    }
    return disk_;
}

ArchiveReader::Trailer DiskArchive::check_alone() {
    Entry other;
    if (next_other(other)) {
        throw Error(Kind::Unsupported,
                    "the archive holds more than one file, {} and {}; expected one disk image "
                    "alone. Unpack it and import the one that is meant; a tree is brought in with "
                    "pull-tar or import-tar",
                    quoted(disk_.name), quoted(other.name));
    }
    return reader_.drain();
}

} // namespace slipway::pull
