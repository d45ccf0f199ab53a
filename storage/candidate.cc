// The order within a pool is the same for a listing and for a look-up by name; the peers' listing
// takes whichever the directory gives first.

#include "storage/candidate.hh"

#include <array>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/utsname.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "storage/versions.hh"

namespace slipway::storage {
namespace {

constexpr std::string_view kRaw = ".raw";
constexpr std::string_view kVersions = ".v";

// systemd-sysupdate's partial downloads; 256 and later skip them.
constexpr std::string_view kSysupdatePrefix = ".sysupdate.";

constexpr unsigned kWanted = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID;

// Ranks: with the suffix of the class before without, trees before disks, versions last.
constexpr unsigned kWithoutSuffix = 2;
constexpr unsigned kVersionsRank = 4;

std::string machine() {
    utsname host{};
    return ::uname(&host) == 0 ? static_cast<const char*>(host.machine) : "";
}

/// False when there is nothing that we could look at: gone meanwhile, a symlink that leads nowhere
/// or to itself, no right.
bool look(const Pool& pool, const std::string& file, struct statx& info) {
    if (::statx(pool.fd(), file.c_str(), AT_STATX_SYNC_AS_STAT, kWanted, &info) == 0) {
        return true;
    }
    if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == EACCES ||
        errno == ENAMETOOLONG) {
        return false;
    }
    throw errno_error("cannot look at {} in the pool {}", quoted(file),
                      quoted(pool.path().string()));
}

/// What is left of a file name, and the rank that this gives it.
struct Stripped {
    std::string_view name;
    unsigned rank;
};

Stripped strip(std::string_view name, ImageClass image_class, unsigned rank) {
    const std::string_view suffix = name_suffix(image_class);
    if (!suffix.empty() && name.ends_with(suffix)) {
        return {name.substr(0, name.size() - suffix.size()), rank};
    }
    return {name, rank + (suffix.empty() ? 0 : kWithoutSuffix)};
}

std::optional<Candidate> newest(const Pool& pool, const std::string& entry, ImageClass image_class,
                                bool is_link) {
    std::string_view bare(entry);
    bare.remove_suffix(kVersions.size());
    const bool is_disk = bare.ends_with(kRaw);
    if (is_disk) {
        bare.remove_suffix(kRaw.size());
    }
    const Stripped stripped = strip(bare, image_class, kVersionsRank + (is_disk ? 1 : 0));
    const std::optional<ImageName> name = ImageName::if_valid(stripped.name);
    const Fd directory(::openat(pool.fd(), entry.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!name || !directory) {
        return std::nullopt;
    }
    std::vector<std::string> files;
    for (const volume::DirectoryEntry& file : volume::all_entries(directory.get())) {
        files.push_back(file.name);
    }
    const std::string suffix = std::string(bare.substr(stripped.name.size())) +
                               std::string(is_disk ? kRaw : std::string_view());
    for (const VersionedName& version : versions_of(name->text(), suffix, files, machine())) {
        Candidate found{.name = *name,
                        .file = entry + "/" + version.file_name,
                        .versions = entry,
                        .rank = stripped.rank,
                        .is_link = is_link};
        if (look(pool, found.file, found.info) &&
            (is_disk ? S_ISREG(found.info.stx_mode) || S_ISBLK(found.info.stx_mode)
                     : S_ISDIR(found.info.stx_mode))) {
            found.is_link = true; // as good as one: it may lie anywhere
            return found;
        }
    }
    return std::nullopt;
}

std::optional<Candidate> plain(const std::string& entry, ImageClass image_class, bool is_link,
                               const struct statx& info) {
    std::string_view name = entry;
    unsigned rank = 0;
    if (S_ISREG(info.stx_mode)) {
        if (!name.ends_with(kRaw)) {
            return std::nullopt;
        }
        name.remove_suffix(kRaw.size());
        rank = 1;
    } else if (!S_ISDIR(info.stx_mode) && !S_ISBLK(info.stx_mode)) {
        return std::nullopt;
    }
    const Stripped stripped =
        S_ISBLK(info.stx_mode) ? Stripped{name, kWithoutSuffix} : strip(name, image_class, rank);
    std::optional<ImageName> valid = ImageName::if_valid(stripped.name);
    if (!valid) {
        return std::nullopt;
    }
    return Candidate{.name = std::move(*valid),
                     .file = entry,
                     .versions = {},
                     .rank = stripped.rank,
                     .is_link = is_link,
                     .info = info};
}

} // namespace

Found look_at_entry(const Pool& pool, const volume::DirectoryEntry& entry,
                    std::optional<Candidate>& candidate) {
    candidate.reset();
    const std::string& name = entry.name;
    if (name.starts_with(".#") || name.starts_with(kSysupdatePrefix) ||
        (entry.type == DT_REG && !name.ends_with(kRaw))) {
        return Found::Nothing;
    }
    struct statx info {};
    if (!look(pool, name, info)) {
        return entry.type == DT_LNK ? Found::DanglingLink : Found::Nothing;
    }
    const bool is_link = entry.type == DT_LNK || entry.type == DT_UNKNOWN;
    candidate = S_ISDIR(info.stx_mode) && name.ends_with(kVersions)
                    ? newest(pool, name, pool.image_class(), is_link)
                    : plain(name, pool.image_class(), is_link, info);
    return candidate ? Found::Image : Found::Nothing;
}

Scan scan_pool(const Pool& pool, bool hidden) {
    Scan scan;
    std::optional<Candidate> one;
    for (const volume::DirectoryEntry& entry : volume::all_entries(pool.fd())) {
        if (entry.name.front() == '.' && !hidden) {
            continue;
        }
        const Found found = look_at_entry(pool, entry, one);
        if (found == Found::DanglingLink) {
            scan.dangling.push_back(entry.name);
        } else if (found == Found::Image) {
            const auto [place, is_new] = scan.images.try_emplace(one->name, *one);
            if (!is_new) {
                if (one->rank < place->second.rank) {
                    std::swap(place->second, *one);
                }
                scan.shadowed.emplace_back(std::move(*one), place->second.file);
            }
        }
    }
    return scan;
}

std::vector<std::string> entries_of(const ImageName& name, ImageClass image_class) {
    std::vector<std::string> entries;
    const std::string suffix(name_suffix(image_class));
    if (!suffix.empty()) {
        entries.push_back(name.text() + suffix);
        entries.push_back(name.text() + suffix + std::string(kRaw));
    }
    entries.push_back(name.text());
    entries.push_back(name.text() + std::string(kRaw));
    return entries;
}

std::vector<std::string> version_entries_of(const ImageName& name, ImageClass image_class) {
    std::vector<std::string> entries = entries_of(name, image_class);
    for (std::string& entry : entries) {
        entry += kVersions;
    }
    return entries;
}

} // namespace slipway::storage
