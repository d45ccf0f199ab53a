// A directory is a chain of clusters, and the chain is a stranger's: it may be a circle, or lead
// anywhere. So many clusters are followed, and a directory that is larger is read so far.

#include "disk/fat_directory.hh"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/bytes.hh"
#include "disk/little_endian.hh"
#include "disk/read_at.hh"

namespace slipway::disk {
namespace {

using Buffer = std::vector<std::byte>;

constexpr std::size_t kEntryBytes = 32;
constexpr std::size_t kMaxDirectoryBytes = 256 * KiB; // 8192 entries
constexpr unsigned kMaxClusters = 512;
constexpr unsigned kDirectory = 0x10;
constexpr unsigned kVolumeLabel = 0x08; // also of the pieces of long names

struct Entry {
    std::string name;
    bool is_directory = false;
    std::uint32_t cluster = 0;
};

enum class Width { Fat12, Fat16, Fat32 };

class FileSystem {
public:
    /// Nothing when this is no FAT.
    static std::optional<FileSystem> find(int disk, std::uint64_t start_bytes);

    Buffer root() const {
        return width_ == Width::Fat32
                   ? directory(root_cluster_)
                   : read_at(disk_, root_at_,
                             std::min<std::size_t>(root_bytes_, kMaxDirectoryBytes));
    }
    Buffer directory(std::uint32_t cluster) const;

private:
    std::uint32_t next(std::uint32_t cluster) const;

    int disk_ = -1;
    Width width_ = Width::Fat32;
    std::uint64_t fat_at_ = 0;
    std::uint64_t root_at_ = 0;
    std::size_t root_bytes_ = 0;
    std::uint32_t root_cluster_ = 0;
    std::uint64_t data_at_ = 0;
    std::size_t cluster_bytes_ = 0;
    std::uint64_t clusters_ = 0;
};

// The type follows from the number of clusters, and from nothing else.
Width width_of(std::uint64_t clusters) noexcept {
    return clusters < 4085 ? Width::Fat12 : clusters < 65525 ? Width::Fat16 : Width::Fat32;
}

std::optional<FileSystem> FileSystem::find(int disk, std::uint64_t start_bytes) {
    const Buffer head = read_at(disk, start_bytes, 512);
    if (head.size() < 512 || little_endian<std::uint16_t>(head, 510) != 0xaa55) {
        return std::nullopt;
    }
    const std::uint64_t sector = little_endian<std::uint16_t>(head, 11);
    const std::uint64_t cluster = std::to_integer<std::uint64_t>(head[13]);
    if (!std::has_single_bit(sector) || sector < 512 || sector > 4096 ||
        !std::has_single_bit(cluster)) {
        return std::nullopt;
    }
    const auto either = [&head](std::size_t small, std::size_t large) -> std::uint64_t {
        const auto value = little_endian<std::uint16_t>(head, small);
        return value != 0 ? value : little_endian<std::uint32_t>(head, large);
    };
    const std::uint64_t total = either(19, 32);
    const std::uint64_t fat = either(22, 36);
    const std::uint64_t fats = std::to_integer<std::uint64_t>(head[16]);
    const std::uint64_t reserved = little_endian<std::uint16_t>(head, 14);
    const std::uint64_t root_bytes = little_endian<std::uint16_t>(head, 17) * kEntryBytes;
    const std::uint64_t root_sector = reserved + fats * fat;
    const std::uint64_t data_sector = root_sector + (root_bytes + sector - 1) / sector;
    if (reserved == 0 || fats == 0 || fat == 0 || data_sector >= total) {
        return std::nullopt;
    }
    FileSystem found;
    found.disk_ = disk;
    found.clusters_ = (total - data_sector) / cluster;
    found.width_ = width_of(found.clusters_);
    found.cluster_bytes_ = static_cast<std::size_t>(cluster * sector);
    found.fat_at_ = start_bytes + reserved * sector;
    found.root_at_ = start_bytes + root_sector * sector;
    found.root_bytes_ = static_cast<std::size_t>(root_bytes);
    found.root_cluster_ = little_endian<std::uint32_t>(head, 44);
    found.data_at_ = start_bytes + data_sector * sector;
    return found;
}

// 0: the chain ends, or leads nowhere.
std::uint32_t FileSystem::next(std::uint32_t cluster) const {
    const std::uint64_t at = width_ == Width::Fat12   ? cluster + cluster / 2
                             : width_ == Width::Fat16 ? std::uint64_t{cluster} * 2
                                                      : std::uint64_t{cluster} * 4;
    const Buffer bytes = read_at(disk_, fat_at_ + at, width_ == Width::Fat32 ? 4 : 2);
    if (bytes.size() < 2) {
        return 0;
    }
    if (width_ == Width::Fat12) {
        const std::uint32_t pair = little_endian<std::uint16_t>(bytes, 0);
        return cluster % 2 == 0 ? pair & 0xfff : pair >> 4;
    }
    if (width_ == Width::Fat16) {
        return little_endian<std::uint16_t>(bytes, 0);
    }
    return bytes.size() < 4 ? 0 : little_endian<std::uint32_t>(bytes, 0) & 0x0fffffff;
}

Buffer FileSystem::directory(std::uint32_t cluster) const {
    Buffer all;
    if (width_ != Width::Fat32) {
        cluster &= 0xffff; // the upper half is something else's
    }
    for (unsigned i = 0; i < kMaxClusters && all.size() < kMaxDirectoryBytes; ++i) {
        if (cluster < 2 || cluster - 2 >= clusters_) {
            break;
        }
        const Buffer piece = read_at(disk_, data_at_ + std::uint64_t{cluster - 2} * cluster_bytes_,
                                     std::min(cluster_bytes_, kMaxDirectoryBytes - all.size()));
        all.insert(all.end(), piece.begin(), piece.end());
        cluster = next(cluster);
    }
    return all;
}

// "BOOTX64 EFI" is BOOTX64.EFI.
std::string short_name(std::string_view stored) {
    const auto trimmed = [](std::string_view part) {
        return std::string(part.substr(0, part.find_last_not_of(' ') + 1));
    };
    const std::string ending = trimmed(stored.substr(8, 3));
    return trimmed(stored.substr(0, 8)) + (ending.empty() ? "" : "." + ending);
}

std::vector<Entry> entries_of(Bytes directory) {
    std::vector<Entry> entries;
    for (std::size_t at = 0; at + kEntryBytes <= directory.size(); at += kEntryBytes) {
        const Bytes entry = directory.subspan(at, kEntryBytes);
        if (entry[0] == std::byte{0}) { // none follows
            break;
        }
        const unsigned attributes = std::to_integer<unsigned>(entry[11]);
        if (entry[0] == std::byte{0xe5} || (attributes & kVolumeLabel) != 0) {
            continue;
        }
        const std::uint32_t high = little_endian<std::uint16_t>(entry, 20);
        entries.push_back({short_name(as_text(entry.first(11))), (attributes & kDirectory) != 0,
                           high << 16 | little_endian<std::uint16_t>(entry, 26)});
    }
    return entries;
}

} // namespace

std::optional<std::vector<std::string>>
list_fat_directory(int disk, std::uint64_t start_bytes, const std::vector<std::string_view>& path) {
    const std::optional<FileSystem> file_system = FileSystem::find(disk, start_bytes);
    if (!file_system) {
        return std::nullopt;
    }
    std::vector<Entry> entries = entries_of(file_system->root());
    for (const std::string_view step : path) {
        const auto found = std::find_if(entries.begin(), entries.end(), [step](const Entry& entry) {
            return entry.is_directory && entry.name == step;
        });
        if (found == entries.end()) {
            return std::nullopt;
        }
        entries = entries_of(file_system->directory(found->cluster));
    }
    std::vector<std::string> names;
    for (Entry& entry : entries) {
        if (!entry.is_directory) {
            names.push_back(std::move(entry.name));
        }
    }
    return names;
}

} // namespace slipway::disk
