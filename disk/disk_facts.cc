// A partition that ends behind the disk is not looked into.

#include "disk/disk_facts.hh"

#include <algorithm>

#include "disk/fat_directory.hh"

namespace slipway::disk {
namespace {

constexpr std::size_t kMostPartitions = 128;
constexpr unsigned kMostEfi = 4;

} // namespace

DiskFacts look_at_disk(int disk) {
    DiskFacts facts;
    facts.table = read_partition_table(disk);
    facts.whole = find_content_at(disk, 0);
    const auto& partitions = facts.table.partitions;
    facts.contents.resize(partitions.size());
    unsigned efi = 0;
    for (std::size_t i = 0; i < std::min(partitions.size(), kMostPartitions); ++i) {
        const Partition& partition = partitions[i];
        if (partition.end_bytes() > facts.table.disk_bytes) {
            continue;
        }
        facts.contents[i].content = find_content_at(disk, partition.start_bytes);
        if ((partition.type == kEfiSystem || partition.type == kMbrEfiSystem) && efi++ < kMostEfi) {
            facts.contents[i].boot_files =
                list_fat_directory(disk, partition.start_bytes, {"EFI", "BOOT"});
        }
    }
    return facts;
}

} // namespace slipway::disk
