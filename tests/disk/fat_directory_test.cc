// File systems of mkfs.vfat and mtools, in all three widths, and chains that lead nowhere.

#include <algorithm>

#include "base/bytes.hh"
#include "disk/fat_directory.hh"
#include "tests/catch.hh"
#include "tests/disk/made_disk.hh"

using namespace slipway;
using namespace slipway::disk;
using namespace slipway::tests;

namespace {

using Names = std::vector<std::string>;

struct FatDisk {
    FatDisk(const char* width, std::uint64_t size_bytes) : disk(size_bytes, "") {
        run_ok({"mkfs.vfat", "-F", width, disk.path().string()});
        mtools({"mmd", "::/EFI", "::/EFI/BOOT", "::/EFI/debian"});
        const TempDir place;
        write_file(place / "loader", "MZ");
        const std::string loader = (place / "loader").string();
        mtools({"mcopy", loader, "::/EFI/debian/shimx64.efi"});
        mtools({"mcopy", loader, "::/EFI/BOOT/bootx64.efi"});
        mtools({"mcopy", loader, "::/EFI/BOOT/a long name.txt"});
        mtools({"mdel", "::/EFI/BOOT/a long name.txt"});
        mtools({"mcopy", loader, "::/EFI/BOOT/FBX64"});
    }
    void mtools(std::vector<std::string> words) const {
        words.insert(words.begin() + 1, {"-i", disk.path().string()});
        run_ok(words);
    }
    std::optional<Names> list(const std::vector<std::string_view>& path) const {
        return list_fat_directory(disk.fd(), 0, path);
    }
    MadeDisk disk;
};

} // namespace

TEST_CASE("a directory of FAT is listed, whichever width it has", "[disk][fat]") {
    for (const auto& [width, size_bytes] :
         {std::pair("12", 2 * MiB), std::pair("16", 32 * MiB), std::pair("32", 300 * MiB)}) {
        const FatDisk fat(width, size_bytes);
        INFO(width);
        CHECK(fat.list({"EFI", "BOOT"}) == Names{"BOOTX64.EFI", "FBX64"});
        CHECK(fat.list({"EFI", "DEBIAN"}) == Names{"SHIMX64.EFI"});
        CHECK(fat.list({}) == Names{});
        CHECK(fat.list({"EFI", "UBUNTU"}) == std::nullopt);
        CHECK(fat.list({"EFI", "BOOT", "FBX64"}) == std::nullopt); // a file
    }
}

TEST_CASE("a directory of many clusters is followed through its chain", "[disk][fat]") {
    const FatDisk fat("16", 32 * MiB);
    std::vector<std::string> many{"mcopy"};
    const TempDir place;
    for (int i = 0; i < 300; ++i) {
        const auto file = place / ("F" + std::to_string(i));
        write_file(file, "");
        many.push_back(file.string());
    }
    many.emplace_back("::/EFI/BOOT");
    fat.mtools(many);
    const Names names = fat.list({"EFI", "BOOT"}).value();
    CHECK(names.size() == 302);
    CHECK(names.back() == "F299");
}

TEST_CASE("a chain that is a circle ends", "[disk][fat]") {
    const FatDisk fat("16", 32 * MiB);
    const std::string head = fat.disk.read(0, 512);
    const auto at = [&head](std::size_t offset) {
        return static_cast<std::uint64_t>(static_cast<unsigned char>(head[offset])) |
               static_cast<std::uint64_t>(static_cast<unsigned char>(head[offset + 1])) << 8;
    };
    // The root's first entry is the directory EFI; its first cluster now follows itself, full.
    const std::uint64_t fat_at = at(14) * 512;
    const std::uint64_t root_at = fat_at + 2 * at(22) * 512;
    const std::string root = fat.disk.read(root_at, 64);
    const auto cluster = static_cast<std::uint64_t>(static_cast<unsigned char>(root[26]));
    const std::uint64_t cluster_bytes = static_cast<unsigned char>(head[13]) * std::uint64_t{512};
    const std::uint64_t data_at = root_at + at(17) * 32 + (cluster - 2) * cluster_bytes;
    std::string file = "AAAAAAAABBB" + std::string(21, '\0');
    for (std::uint64_t i = 0; i < cluster_bytes; i += 32) {
        fat.disk.write(data_at + i, file);
    }
    fat.disk.write(fat_at + cluster * 2, little_endian(cluster, 2));
    CHECK(fat.list({"EFI"}).value().size() == 256 * KiB / 32);
}

TEST_CASE("what is no FAT, or one that cannot be, has no directories", "[disk][fat]") {
    const MadeDisk blank(1 * MiB, "");
    CHECK(list_fat_directory(blank.fd(), 0, {}) == std::nullopt);
    CHECK(list_fat_directory(blank.fd(), 8 * MiB, {}) == std::nullopt);
    struct Row {
        std::size_t at;
        std::string bytes;
    };
    for (const Row& row : std::vector<Row>{{11, little_endian(0, 2)},
                                           {11, little_endian(8192, 2)},
                                           {13, little_endian(0, 1)},
                                           {13, little_endian(3, 1)},
                                           {14, little_endian(0, 2)},
                                           {16, little_endian(0, 1)},
                                           {19, little_endian(1, 2)},
                                           {510, little_endian(0, 2)}}) {
        const FatDisk fat("12", 2 * MiB);
        fat.disk.write(row.at, row.bytes);
        INFO(row.at);
        CHECK(fat.list({"EFI"}) == std::nullopt);
    }
}
