// Any bytes as a disk that is looked at: no crash, no hang, nothing behind the disk, the same
// answer every time. Where a GPT is there its checksums are made right as well, so that what they
// cover is met, too.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/memfd.hh"
#include "disk/boot_ways.hh"
#include "disk/crc32.hh"

using namespace slipway;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "partition_fuzz: %s\n", what));
        std::abort();
    }
}

std::uint64_t number(const std::string& disk, std::size_t at, std::size_t length) {
    std::uint64_t value = 0;
    for (std::size_t i = length; i > 0; --i) {
        value = value << 8 | static_cast<unsigned char>(disk[at + i - 1]);
    }
    return value;
}

void put_sum(std::string& disk, std::size_t at, std::uint32_t sum) {
    for (std::size_t i = 0; i < 4; ++i) {
        disk[at + i] = static_cast<char>(sum >> (8 * i));
    }
}

std::uint32_t sum_of(const std::string& disk, std::size_t at, std::size_t length) {
    return disk::crc32(as_bytes(std::string_view(disk).substr(at, length)));
}

bool mend(std::string& disk, std::size_t sector) {
    if (disk.size() < 2 * sector || disk.compare(sector, 8, "EFI PART") != 0) {
        return false;
    }
    const std::uint64_t table = number(disk, sector + 72, 8);
    const std::uint64_t count = number(disk, sector + 80, 4);
    const std::uint64_t entry = number(disk, sector + 84, 4);
    if (table < disk.size() / sector && count * entry <= disk.size() - table * sector) {
        put_sum(disk, sector + 88, sum_of(disk, table * sector, count * entry));
    }
    put_sum(disk, sector + 16, 0);
    const std::uint64_t length = number(disk, sector + 12, 4);
    if (length <= sector) {
        put_sum(disk, sector + 16, sum_of(disk, sector, length));
    }
    return true;
}

void look(const std::string& bytes) {
    const Fd file = make_memfd();
    write_all(file.get(), bytes);
    const disk::DiskFacts facts = disk::look_at_disk(file.get());
    require(disk::look_at_disk(file.get()) == facts, "two looks give two answers");
    require(facts.contents.size() == facts.table.partitions.size(), "partitions without facts");
    require(facts.table.problem.empty() || facts.table.partitions.empty(),
            "partitions of a table that cannot be used");
    for (const disk::Partition& partition : facts.table.partitions) {
        const bool is_inside = partition.end_bytes() <= bytes.size();
        require(is_inside || facts.table.kind == disk::TableKind::Mbr,
                "a partition of a GPT ends behind the disk");
        require(partition.end_bytes() > partition.start_bytes, "a partition without a place");
    }
    for (const char* machine : {"x86_64", "aarch64", "vax"}) {
        const disk::BootWays ways = disk::judge_boot_ways(facts, machine);
        require(!ways.container.reason.empty() && !ways.machine.reason.empty(), "no reason");
        require(!ways.container.why.empty() && !ways.machine.why.empty(), "no word");
        require(ways.machine.works != ways.firmware.empty(), "a machine without firmware");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string bytes(reinterpret_cast<const char*>(data), size);
    look(bytes);
    if (mend(bytes, 512) || mend(bytes, 4096)) {
        look(bytes);
    }
    return 0;
}
