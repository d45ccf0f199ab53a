// Tables that sfdisk and fdisk have made, and what becomes of them when they are damaged or lie.

#include "base/bytes.hh"
#include "disk/partition_table.hh"
#include "tests/catch.hh"
#include "tests/disk/made_disk.hh"

using namespace slipway;
using namespace slipway::disk;
using namespace slipway::tests;

namespace {

const char* const kRoot = "4f68bce3-e8cd-4db1-96e7-fbcaf984b709";
const char* const kEsp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";

// An EFI system partition of 4 MiB and a root of 8.
std::string two_partitions() {
    return std::string("label: gpt\n") + "start=1MiB, size=4MiB, type=" + kEsp +
           ", name=\"EFI\"\n" + "start=5MiB, size=8MiB, type=" + kRoot +
           ", name=\"w\xc3\xbcrzel\", attrs=\"LegacyBIOSBootable GUID:63\"\n";
}

const std::vector<Partition> kTwo{
    {.number = 1, .start_bytes = 1 * MiB, .size_bytes = 4 * MiB, .type = kEsp, .label = "EFI"},
    {.number = 2,
     .start_bytes = 5 * MiB,
     .size_bytes = 8 * MiB,
     .type = kRoot,
     .bootable = true,
     .no_auto = true,
     .label = "w\xc3\xbcrzel"}};

constexpr std::uint64_t kDiskBytes = 16 * MiB;
constexpr std::uint64_t kPrimary = 512;
constexpr std::uint64_t kBackup = kDiskBytes - 512;

PartitionTable table_of(const MadeDisk& disk) {
    return read_partition_table(disk.fd());
}

} // namespace

TEST_CASE("a GPT is read as sfdisk wrote it", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, two_partitions());
    CHECK(table_of(disk) ==
          PartitionTable{.kind = TableKind::Gpt, .disk_bytes = kDiskBytes, .partitions = kTwo});
    disk.write(0, "\xeb");
    CHECK(table_of(disk).boot_code);
}

TEST_CASE("the copy of a GPT is read where its first is damaged", "[disk][partitions]") {
    const PartitionTable from_backup{
        .kind = TableKind::Gpt, .disk_bytes = kDiskBytes, .from_backup = true, .partitions = kTwo};
    for (const std::uint64_t at : {kPrimary, kPrimary + 60, kPrimary + 84, std::uint64_t{1024}}) {
        const MadeDisk disk(kDiskBytes, two_partitions());
        disk.write(at, "\xff\xff");
        INFO(at);
        CHECK(table_of(disk) == from_backup);
    }
    const MadeDisk disk(kDiskBytes, two_partitions());
    disk.write(kPrimary, "\xff");
    disk.write(kBackup, "\xff");
    CHECK(table_of(disk) ==
          PartitionTable{.kind = TableKind::Gpt,
                         .disk_bytes = kDiskBytes,
                         .problem = "the GPT at the disk's start is damaged, and so is the copy at "
                                    "its end"});
}

TEST_CASE("a GPT disk that was cut off is told from a damaged one", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, two_partitions());
    disk.resize(9 * MiB);
    CHECK(table_of(disk).problem ==
          "the disk is cut off: its GPT is that of a disk of 15.9M, 9.0M are there");
    disk.resize(700);
    CHECK(table_of(disk).problem ==
          "the GPT at the disk's start is damaged, and so is the copy at its end");
    // One that has grown has its copy somewhere in the middle, and needs none.
    const MadeDisk grown(kDiskBytes, two_partitions());
    grown.resize(20 * MiB);
    CHECK(table_of(grown).partitions == kTwo);
}

TEST_CASE("a GPT that counts in sectors of 4096 bytes is read as well", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, "");
    RunOptions options;
    options.input = "g\nn\n1\n\n\nt\n23\nw\n";
    run_ok({"fdisk", "--sector-size", "4096", disk.path().string()}, options);
    PartitionTable table = table_of(disk);
    CHECK(table.kind == TableKind::Gpt);
    CHECK(table.sector_bytes == 4096);
    REQUIRE(table.partitions.size() == 1);
    CHECK(table.partitions[0].type == kRoot);
    CHECK(table.partitions[0].start_bytes == 1 * MiB);
    const std::vector<Partition> whole = table.partitions;
    disk.write(4096, "\xff");
    table = table_of(disk);
    CHECK(table.from_backup);
    CHECK(table.sector_bytes == 4096);
    CHECK(table.partitions == whole);
}

TEST_CASE("a header whose sums are right is not believed for that", "[disk][partitions]") {
    struct Row {
        const char* what;
        std::size_t at;
        std::string bytes;
    };
    const std::string all_ones(8, '\xff');
    const std::vector<Row> rows{
        {"four thousand million entries", 80, all_ones.substr(0, 4)},
        {"one entry more than are looked at", 80, little_endian(4097, 4)},
        {"entries of no size", 84, little_endian(0, 4)},
        {"entries of 64 bytes", 84, little_endian(64, 4)},
        {"entries of 130 bytes", 84, little_endian(130, 4)},
        {"entries of 4 GiB", 84, all_ones.substr(0, 4)},
        {"entries behind the disk", 72, little_endian(kDiskBytes / 512, 8)},
        {"entries at the end of numbers", 72, all_ones},
        {"another place", 24, little_endian(2, 8)},
        {"an end before its start", 48, little_endian(1, 8)},
        {"a header that is too short", 12, little_endian(91, 4)},
        {"a header that is too long", 12, little_endian(513, 4)},
    };
    for (const Row& row : rows) {
        const MadeDisk disk(kDiskBytes, two_partitions());
        std::string header = disk.read(kPrimary, 92);
        header.replace(row.at, row.bytes.size(), row.bytes);
        disk.write(kPrimary, header);
        if (row.at != 72 && row.at != 80 && row.at != 84) {
            disk.mend_gpt(kPrimary);
        }
        INFO(row.what);
        const PartitionTable table = table_of(disk);
        CHECK(table.from_backup);
        CHECK(table.partitions == kTwo);
    }
    // A size that nobody has.
    const MadeDisk disk(kDiskBytes, two_partitions());
    disk.write(kPrimary + 48, all_ones);
    disk.mend_gpt(kPrimary);
    disk.write(kBackup, "\xff");
    CHECK(table_of(disk).problem ==
          "the GPT at the disk's start is damaged, and so is the copy at its end");
}

TEST_CASE("entries that are impossible are passed over", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, two_partitions());
    const std::string ones(8, '\xff');
    disk.write(1024 + 40, ones); // the first one's end
    disk.mend_gpt(kPrimary);
    CHECK(table_of(disk).partitions == std::vector{kTwo[1]});
    disk.write(1024 + 128 + 32, ones); // the second one's start
    disk.mend_gpt(kPrimary);
    CHECK(table_of(disk).partitions.empty());
    CHECK(table_of(disk).problem.empty());
}

TEST_CASE("a name is UTF-16, and half a letter of it is shown as such", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, two_partitions());
    disk.write(1024 + 56,
               std::string_view("\x3c\xd8\x31\xdf\xac\x20\x00\xd8x\0\x00\xdcy\0\x3d\xd8\0\0", 18));
    disk.mend_gpt(kPrimary);
    CHECK(table_of(disk).partitions.at(0).label ==
          "\xf0\x9f\x8c\xb1\xe2\x82\xac\xef\xbf\xbdx\xef\xbf\xbdy\xef\xbf\xbd");
}

TEST_CASE("a GPT counts only where the MBR says that there is one", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, two_partitions());
    const std::string hybrid =
        std::string("\x80\0\0\0\x83\0\0\0", 8) + little_endian(2048, 4) + little_endian(8192, 4);
    disk.write(446 + 16, hybrid);
    CHECK(table_of(disk).kind == TableKind::Gpt);
    CHECK(table_of(disk).partitions == kTwo);
    disk.write(446, hybrid);
    disk.write(446 + 16, std::string(16, '\0'));
    CHECK(table_of(disk).kind == TableKind::Mbr);
    CHECK(table_of(disk).partitions == std::vector<Partition>{{.number = 1,
                                                               .start_bytes = 1 * MiB,
                                                               .size_bytes = 4 * MiB,
                                                               .type = "83",
                                                               .bootable = true}});
}

TEST_CASE("an MBR is read with its logical partitions", "[disk][partitions]") {
    const MadeDisk disk(64 * MiB, "label: dos\n"
                                  "start=1MiB, size=4MiB, type=83, bootable\n"
                                  "start=8MiB, size=40MiB, type=f\n"
                                  "start=5MiB, size=2MiB, type=ef\n"
                                  "start=9MiB, size=2MiB, type=83\n"
                                  "start=12MiB, size=4MiB, type=82\n"
                                  "start=20MiB, size=8MiB, type=83\n");
    const std::vector<Partition> expected{
        {.number = 1,
         .start_bytes = 1 * MiB,
         .size_bytes = 4 * MiB,
         .type = "83",
         .bootable = true},
        {.number = 3, .start_bytes = 5 * MiB, .size_bytes = 2 * MiB, .type = "ef"},
        {.number = 5, .start_bytes = 9 * MiB, .size_bytes = 2 * MiB, .type = "83"},
        {.number = 6, .start_bytes = 12 * MiB, .size_bytes = 4 * MiB, .type = "82"},
        {.number = 7, .start_bytes = 20 * MiB, .size_bytes = 8 * MiB, .type = "83"}};
    CHECK(table_of(disk) ==
          PartitionTable{.kind = TableKind::Mbr, .disk_bytes = 64 * MiB, .partitions = expected});
    // A chain that leads back to its start ends all the same.
    const std::uint64_t second = 8 * MiB + 446 + 16;
    disk.write(second + 8, little_endian(0, 4));
    CHECK(table_of(disk).partitions.size() == 3);
    const std::uint64_t third = expected[3].start_bytes - 1 * MiB;
    disk.write(second + 8, little_endian((third - 8 * MiB) / 512, 4));
    disk.write(third + 446 + 16 + 8, little_endian((third - 8 * MiB) / 512, 4));
    CHECK(table_of(disk).partitions.size() == 2 + 128);
    // One that leads out of the disk ends there.
    disk.write(second + 8, std::string(4, '\xff'));
    CHECK(table_of(disk).partitions.size() == 3);
}

TEST_CASE("a number of the disk is no boot code", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, "label: dos\nlabel-id: 0x12345678\nstart=1MiB, type=83\n");
    CHECK_FALSE(table_of(disk).boot_code);
    disk.write(439, "\x90");
    CHECK(table_of(disk).boot_code);
}

TEST_CASE("what is no partition table is none", "[disk][partitions]") {
    const MadeDisk disk(kDiskBytes, "");
    CHECK(table_of(disk) == PartitionTable{.disk_bytes = kDiskBytes});
    disk.write(0, std::string(1000, 'x'));
    CHECK(table_of(disk).kind == TableKind::None);
    disk.write(510, "\x55\xaa"); // what stands for partitions has impossible marks
    CHECK(table_of(disk).kind == TableKind::None);
    CHECK(table_of(disk).boot_code);
    const MadeDisk fat(kDiskBytes, "");
    run_ok({"mkfs.vfat", fat.path().string()});
    CHECK(table_of(fat).kind == TableKind::None);
    const MadeDisk empty(0, "");
    CHECK(table_of(empty) == PartitionTable{});
    const MadeDisk small(100, "");
    CHECK(table_of(small).kind == TableKind::None);
}
