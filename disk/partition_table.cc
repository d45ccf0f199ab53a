// As the kernel has it, a GPT counts only where the MBR in front of it says that there is one: a
// disk that was given an MBR later may still hold an old GPT behind it.

#include "disk/partition_table.hh"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/bytes.hh"
#include "base/size.hh"
#include "disk/content.hh"
#include "disk/crc32.hh"
#include "disk/little_endian.hh"
#include "disk/read_at.hh"

namespace slipway::disk {
namespace {

using Buffer = std::vector<std::byte>;

constexpr std::size_t kMbrBytes = 512;
constexpr std::size_t kBootCodeBytes = 440; // behind it a number of the disk's (UEFI 5.2.1)
constexpr std::size_t kMbrEntries = 446;
constexpr unsigned kMbrSectorBytes = 512;
constexpr unsigned kProtective = 0xee;
constexpr unsigned kFirstLogical = 5;
constexpr unsigned kMaxLogical = 128; // each costs one sector; Linux takes fewer

constexpr std::uint64_t kMaxDiskBytes = std::numeric_limits<std::int64_t>::max(); // of a file

constexpr std::size_t kGptHeaderBytes = 92;
constexpr std::size_t kGptEntryBytes = 128;
constexpr std::size_t kMaxEntryBytes = 4096;
constexpr std::uint64_t kMaxEntriesBytes = 512 * KiB; // at most four are looked at
constexpr unsigned kLegacyBootable = 2;
constexpr unsigned kNoAuto = 63;

struct MbrEntry {
    unsigned status = 0;
    unsigned type = 0;
    std::uint64_t start = 0; ///< in sectors
    std::uint64_t count = 0;
};

std::array<MbrEntry, 4> mbr_entries(Bytes sector) {
    std::array<MbrEntry, 4> entries;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const Bytes entry = sector.subspan(kMbrEntries + i * 16, 16);
        entries[i] = {std::to_integer<unsigned>(entry[0]), std::to_integer<unsigned>(entry[4]),
                      little_endian<std::uint32_t>(entry, 8),
                      little_endian<std::uint32_t>(entry, 12)};
    }
    return entries;
}

bool is_boot_sector(Bytes sector) {
    return sector.size() >= kMbrBytes && little_endian<std::uint16_t>(sector, 510) == 0xaa55;
}

// The first sector of a FAT or another file system ends with the same two bytes.
bool is_mbr(Bytes sector) {
    const auto entries = mbr_entries(sector);
    return find_content(sector).name != "FAT" &&
           std::all_of(entries.begin(), entries.end(), [](const MbrEntry& entry) {
               return (entry.status & 0x7f) == 0 && (entry.type == 0 || entry.count != 0);
           });
}

bool is_extended(unsigned type) noexcept {
    return type == 0x05 || type == 0x0f || type == 0x85;
}

Partition of_mbr(unsigned number, const MbrEntry& entry, std::uint64_t base) {
    return {.number = number,
            .start_bytes = (base + entry.start) * kMbrSectorBytes,
            .size_bytes = entry.count * kMbrSectorBytes,
            .type = fmt::format("{:02x}", entry.type),
            .bootable = entry.status == 0x80};
}

// Each link holds one partition, counted from itself, and the place of the next, counted from the
// start of the extended partition. A chain that is a circle ends with its bound.
void add_logical(int disk, std::uint64_t extended, std::vector<Partition>& into) {
    std::uint64_t at = extended;
    for (unsigned i = 0; i < kMaxLogical; ++i) {
        const Buffer sector = read_at(disk, at * kMbrSectorBytes, kMbrBytes);
        if (!is_boot_sector(sector)) {
            return;
        }
        const auto entries = mbr_entries(sector);
        if (entries[0].type != 0 && entries[0].count != 0) {
            into.push_back(of_mbr(kFirstLogical + i, entries[0], at));
        }
        if (!is_extended(entries[1].type) || entries[1].start == 0) {
            return;
        }
        at = extended + entries[1].start;
    }
}

std::vector<Partition> read_mbr(int disk, Bytes sector) {
    std::vector<Partition> partitions;
    const auto entries = mbr_entries(sector);
    for (unsigned i = 0; i < entries.size(); ++i) {
        if (entries[i].type != 0 && !is_extended(entries[i].type)) {
            partitions.push_back(of_mbr(i + 1, entries[i], 0));
        }
    }
    const auto extended = std::find_if(entries.begin(), entries.end(), [](const MbrEntry& entry) {
        return is_extended(entry.type);
    });
    if (extended != entries.end()) {
        add_logical(disk, extended->start, partitions);
    }
    return partitions;
}

// The first three fields of a GUID are stored with their lowest byte first (UEFI, appendix A).
std::string guid(Bytes bytes) {
    std::string text =
        fmt::format("{:08x}-{:04x}-{:04x}-", little_endian<std::uint32_t>(bytes, 0),
                    little_endian<std::uint16_t>(bytes, 4), little_endian<std::uint16_t>(bytes, 6));
    for (std::size_t i = 8; i < 16; ++i) {
        text += fmt::format("{:02x}{}", std::to_integer<unsigned>(bytes[i]), i == 9 ? "-" : "");
    }
    return text;
}

void append_utf8(std::string& text, std::uint32_t letter) {
    if (letter < 0x80) {
        text += static_cast<char>(letter);
    } else if (letter < 0x800) {
        text += static_cast<char>(0xc0 | letter >> 6);
        text += static_cast<char>(0x80 | (letter & 0x3f));
    } else if (letter < 0x10000) {
        text += static_cast<char>(0xe0 | letter >> 12);
        text += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (letter & 0x3f));
    } else {
        text += static_cast<char>(0xf0 | letter >> 18);
        text += static_cast<char>(0x80 | (letter >> 12 & 0x3f));
        text += static_cast<char>(0x80 | (letter >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (letter & 0x3f));
    }
}

// UTF-16; half a letter becomes U+FFFD.
std::string label(Bytes units) {
    constexpr std::uint32_t kReplacement = 0xfffd;
    std::string text;
    for (std::size_t at = 0; at + 2 <= units.size(); at += 2) {
        std::uint32_t letter = little_endian<std::uint16_t>(units, at);
        if (letter == 0) {
            break;
        }
        if (letter >= 0xd800 && letter < 0xe000) {
            const std::uint32_t low =
                at + 4 <= units.size() ? little_endian<std::uint16_t>(units, at + 2) : 0U;
            if (letter < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
                letter = 0x10000 + ((letter - 0xd800) << 10) + (low - 0xdc00);
                at += 2;
            } else {
                letter = kReplacement;
            }
        }
        append_utf8(text, letter);
    }
    return text;
}

class Gpt {
public:
    Gpt(int disk, std::uint64_t disk_bytes) : disk_(disk), disk_bytes_(disk_bytes) {}

    /// Fills partitions, or says what is wrong with what is there.
    void read(PartitionTable& table) {
        for (const unsigned sector_bytes : {512U, 4096U}) {
            if (accept(table, sector_bytes, 1)) {
                return;
            }
        }
        table.from_backup = true;
        for (const unsigned sector_bytes : {512U, 4096U}) {
            if (const std::uint64_t sectors = disk_bytes_ / sector_bytes;
                sectors > 2 && accept(table, sector_bytes, sectors - 1)) {
                return;
            }
        }
        table.from_backup = false;
        table.problem = needed_bytes_ > disk_bytes_
                            ? fmt::format("the disk is cut off: its GPT is that of a disk of {}, "
                                          "{} are there",
                                          format_size(needed_bytes_), format_size(disk_bytes_))
                            : "the GPT at the disk's start is damaged, and so is the copy at its "
                              "end";
    }

private:
    bool accept(PartitionTable& table, unsigned sector_bytes, std::uint64_t place);

    int disk_;
    std::uint64_t disk_bytes_;
    std::uint64_t needed_bytes_ = 0; ///< by a header that is whole
};

bool is_whole_header(Buffer& header, unsigned sector_bytes, std::uint64_t place) {
    if (header.size() < sector_bytes || !as_text(header).starts_with("EFI PART")) {
        return false;
    }
    const std::uint32_t length = little_endian<std::uint32_t>(header, 12);
    if (length < kGptHeaderBytes || length > sector_bytes ||
        little_endian<std::uint64_t>(header, 24) != place) {
        return false;
    }
    const std::uint32_t stated = little_endian<std::uint32_t>(header, 16);
    std::fill_n(header.begin() + 16, 4, std::byte{0}); // as it was when the sum was made
    return crc32(Bytes(header).first(length)) == stated;
}

std::vector<Partition> gpt_partitions(Bytes entries, std::size_t entry_bytes,
                                      std::uint64_t last_usable, unsigned sector_bytes) {
    std::vector<Partition> partitions;
    for (std::size_t i = 0; (i + 1) * entry_bytes <= entries.size(); ++i) {
        const Bytes entry = entries.subspan(i * entry_bytes, kGptEntryBytes);
        const auto start = little_endian<std::uint64_t>(entry, 32);
        const auto last = little_endian<std::uint64_t>(entry, 40);
        const bool unused = std::all_of(entry.begin(), entry.begin() + 16,
                                        [](std::byte byte) { return byte == std::byte{0}; });
        if (unused || start > last || last > last_usable) {
            continue;
        }
        const auto attributes = little_endian<std::uint64_t>(entry, 48);
        partitions.push_back({.number = static_cast<unsigned>(i + 1),
                              .start_bytes = start * sector_bytes,
                              .size_bytes = (last - start + 1) * sector_bytes,
                              .type = guid(entry.first(16)),
                              .bootable = (attributes >> kLegacyBootable & 1) != 0,
                              .no_auto = (attributes >> kNoAuto & 1) != 0,
                              .label = label(entry.subspan(56, 72))});
    }
    return partitions;
}

bool Gpt::accept(PartitionTable& table, unsigned sector_bytes, std::uint64_t place) {
    Buffer header = read_at(disk_, place * sector_bytes, sector_bytes);
    if (!is_whole_header(header, sector_bytes, place)) {
        return false;
    }
    const std::uint64_t sectors = disk_bytes_ / sector_bytes;
    const auto first_usable = little_endian<std::uint64_t>(header, 40);
    const auto last_usable = little_endian<std::uint64_t>(header, 48);
    if (last_usable >= sectors) {
        if (last_usable < kMaxDiskBytes / sector_bytes) {
            needed_bytes_ = (last_usable + 1) * sector_bytes;
        }
        return false;
    }
    const auto entries_at = little_endian<std::uint64_t>(header, 72);
    const std::uint64_t count = little_endian<std::uint32_t>(header, 80);
    const std::size_t entry_bytes = little_endian<std::uint32_t>(header, 84);
    const bool sane_entries = entry_bytes >= kGptEntryBytes && entry_bytes <= kMaxEntryBytes &&
                              entry_bytes % kGptEntryBytes == 0 &&
                              count <= kMaxEntriesBytes / entry_bytes;
    if (first_usable > last_usable || !sane_entries || entries_at >= sectors) {
        return false;
    }
    const Buffer entries =
        read_at(disk_, entries_at * sector_bytes, static_cast<std::size_t>(count) * entry_bytes);
    if (entries.size() < count * entry_bytes ||
        crc32(entries) != little_endian<std::uint32_t>(header, 88)) {
        return false;
    }
    table.sector_bytes = sector_bytes;
    table.partitions = gpt_partitions(entries, entry_bytes, last_usable, sector_bytes);
    return true;
}

} // namespace

PartitionTable read_partition_table(int disk) {
    PartitionTable table;
    table.disk_bytes = size_of_disk(disk);
    const Buffer sector = read_at(disk, 0, kMbrBytes);
    if (!is_boot_sector(sector)) {
        return table;
    }
    table.boot_code = std::any_of(sector.begin(), sector.begin() + kBootCodeBytes,
                                  [](std::byte byte) { return byte != std::byte{0}; });
    if (!is_mbr(sector)) {
        return table;
    }
    const auto entries = mbr_entries(sector);
    if (std::any_of(entries.begin(), entries.end(), [](const MbrEntry& entry) {
            return entry.type == kProtective && entry.start == 1;
        })) {
        table.kind = TableKind::Gpt;
        Gpt(disk, table.disk_bytes).read(table);
    } else {
        table.kind = TableKind::Mbr;
        table.partitions = read_mbr(disk, sector);
    }
    return table;
}

} // namespace slipway::disk
