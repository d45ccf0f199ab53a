// How disks of real tools boot, and what is said of those that do not.

#include "base/bytes.hh"
#include "disk/boot_ways.hh"
#include "tests/catch.hh"
#include "tests/disk/made_disk.hh"

using namespace slipway;
using namespace slipway::disk;
using namespace slipway::tests;

namespace {

const std::string kRoot = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";
const std::string kRootArm = "B921B045-1DF0-41C3-AF44-4C6F280D3FAE";
const std::string kRootX86 = "44479540-F297-41B2-9AF7-D131D5F0458A";
const std::string kUsr = "8484680C-9521-48C6-9C11-B0720656F69E";
const std::string kLinux = "0FC63DAF-8483-4772-8E79-3D69D8477DE4";
const std::string kEsp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const std::string kBios = "21686148-6449-6E6F-744E-656564454649";

// A disk of 32 MiB whose partitions lie at 1, 5, 9 … MiB, each of 4 MiB.
class Disk {
public:
    explicit Disk(const std::string& label, const std::vector<std::string>& types = {})
        : disk_(32 * MiB, script(label, types)) {}

    Disk& code() {
        disk_.write(0, "\xeb\x63\x90");
        return *this;
    }
    Disk& make(unsigned partition, const std::string& type) {
        const std::uint64_t start = partition == 0 ? 0 : (4 * partition - 3) * MiB;
        if (type == "vfat") {
            run_ok({"mkfs.vfat", "--offset", std::to_string(start / 512), disk_.path().string(),
                    "4096"});
        } else {
            run_ok({"mke2fs", "-q", "-F", "-t", type, "-E",
                    "offset=" + std::to_string(start) + ",nodiscard", disk_.path().string(), "4M"});
        }
        return *this;
    }
    Disk& loader(unsigned partition, const std::string& name) {
        const std::string image =
            disk_.path().string() + "@@" + std::to_string(4 * partition - 3) + "M";
        const TempDir place;
        write_file(place / "loader", "MZ");
        run_ok({"mmd", "-i", image, "::/EFI", "::/EFI/BOOT"});
        run_ok({"mcopy", "-i", image, (place / "loader").string(), "::/EFI/BOOT/" + name});
        return *this;
    }
    Disk& put(std::uint64_t offset, std::string_view bytes) {
        disk_.write(offset, bytes);
        return *this;
    }
    Disk& cut(std::uint64_t size_bytes) {
        disk_.resize(size_bytes);
        return *this;
    }
    BootWays ways(std::string_view machine = "x86_64") const {
        return judge_boot_ways(look_at_disk(disk_.fd()), machine);
    }
    Way container(std::string_view machine = "x86_64") const { return ways(machine).container; }
    Way machine(std::string_view machine = "x86_64") const { return ways(machine).machine; }

private:
    static std::string script(const std::string& label, const std::vector<std::string>& types) {
        std::string text = label.empty() ? "" : "label: " + label + "\n";
        for (const std::string& type : types) {
            text += "size=4MiB, type=" + type + "\n";
        }
        return text;
    }
    MadeDisk disk_;
};

using Firmware = std::vector<std::string>;

} // namespace

TEST_CASE("a disk with a loader and a root boots both ways", "[disk][boot]") {
    Disk disk("gpt", {kEsp, kRoot});
    disk.make(1, "vfat").loader(1, "BOOTX64.EFI").make(2, "ext4");
    CHECK(disk.ways() ==
          BootWays{{true, "root-partition", "partition 2 is a root for x86-64, with ext4"},
                   {true, "efi-loader",
                    "partition 1 is an EFI system partition with \\EFI\\BOOT\\BOOTX64.EFI"},
                   {"uefi"}});
    CHECK(disk.ways("aarch64") ==
          BootWays{{false, "other-architecture",
                    "partition 2 is a root for x86-64, and this host is arm64"},
                   {false, "other-architecture",
                    "partition 2 is a root for x86-64, and this host is arm64"},
                   {}});
    CHECK(disk.container("vax").reason == "partition 2 is a root for x86-64, and this host is vax");
}

TEST_CASE("UEFI needs the loader that it looks for", "[disk][boot]") {
    Disk disk("gpt", {kEsp, kLinux});
    const Way without{false, "no-loader",
                      "partition 1 is an EFI system partition without \\EFI\\BOOT\\BOOTX64.EFI, "
                      "and the first sector has no boot code"};
    CHECK(disk.machine() == without); // no file system at all
    disk.make(1, "vfat");
    CHECK(disk.machine() == without);
    disk.loader(1, "BOOTAA64.EFI");
    CHECK(disk.machine() == without);
    CHECK(disk.machine("aarch64") ==
          Way{true, "efi-loader",
              "partition 1 is an EFI system partition with \\EFI\\BOOT\\BOOTAA64.EFI"});
    CHECK(disk.machine("ppc64le").reason ==
          "partition 1 is an EFI system partition, and this host has no UEFI");
    Disk of_mbr("dos", {"ef", "83"});
    of_mbr.make(1, "vfat").loader(1, "bootx64.efi");
    CHECK(of_mbr.ways().firmware == Firmware{"uefi"});
}

TEST_CASE("a BIOS needs boot code, and on a GPT a partition for it", "[disk][boot]") {
    Disk mbr("dos", {"83"});
    CHECK(mbr.machine() == Way{false, "no-loader",
                               "there is no EFI system partition, and the first sector has no boot "
                               "code"});
    mbr.code();
    CHECK(mbr.machine() == Way{true, "boot-code", "the first sector has boot code"});
    CHECK(mbr.ways().firmware == Firmware{"bios"});
    CHECK(mbr.machine("aarch64") == Way{false, "no-loader", "there is no EFI system partition"});

    Disk gpt("gpt", {kRoot});
    gpt.code();
    CHECK(gpt.machine() == Way{false, "no-loader",
                               "there is no EFI system partition, and the first sector has boot "
                               "code, but no partition is for a BIOS"});
    Disk grub("gpt", {kBios, kRoot});
    grub.code();
    CHECK(grub.machine().reason == "the first sector has boot code and partition 1 is for a BIOS");
    Disk syslinux("gpt", {kRoot + ", attrs=LegacyBIOSBootable"});
    syslinux.code();
    CHECK(syslinux.machine().reason ==
          "the first sector has boot code and partition 1 is bootable by a BIOS");
    Disk both("gpt", {kBios, kEsp, kRoot});
    both.code().make(2, "vfat").loader(2, "BOOTX64.EFI");
    CHECK(both.ways().firmware == Firmware{"uefi", "bios"});
    CHECK(both.machine().reason ==
          "partition 2 is an EFI system partition with \\EFI\\BOOT\\BOOTX64.EFI; the first sector "
          "has boot code and partition 1 is for a BIOS");
}

TEST_CASE("a container's root is chosen as systemd chooses it", "[disk][boot]") {
    Disk two_roots("gpt", {kRoot + ", attrs=\"GUID:63\"", kRoot, kRoot});
    CHECK(two_roots.make(2, "ext4").container().reason ==
          "partition 2 is a root for x86-64, with ext4");
    Disk older("gpt", {kRootX86, kRootArm});
    CHECK(older.make(1, "ext2").container() ==
          Way{true, "root-partition", "partition 1 is a root for x86, with ext2"});
    Disk usr("gpt", {kUsr});
    CHECK(usr.make(1, "ext3").container() ==
          Way{true, "usr-partition", "partition 1 is a /usr for x86-64, with ext3"});
    Disk only("gpt", {kEsp, kLinux});
    CHECK(only.make(2, "ext4").container() ==
          Way{true, "linux-partition", "partition 2 is its only one for Linux, with ext4"});
    Disk several("gpt", {kLinux, kEsp, kLinux, kLinux});
    CHECK(several.container() ==
          Way{false, "several-partitions",
              "partitions 1, 3 and 4 are for Linux, and nothing says which is the root"});
    CHECK(Disk("gpt", {kEsp}).container() ==
          Way{false, "no-root", "no partition is a root for x86-64"});
    CHECK(Disk("gpt").container() == Way{false, "no-root", "its partition table is empty"});
}

TEST_CASE("of an MBR the one bootable partition for Linux is the root", "[disk][boot]") {
    Disk marked("dos", {"83", "83, bootable", "82"});
    CHECK(marked.make(2, "ext4").container() ==
          Way{true, "linux-partition", "partition 2 is its bootable one for Linux, with ext4"});
    CHECK(Disk("dos", {"83", "83"}).container() ==
          Way{false, "not-marked", "none of its partitions for Linux is marked as bootable"});
    CHECK(Disk("dos", {"7", "c"}).container() ==
          Way{false, "no-root", "no partition is a root for x86-64, or for Linux"});
    CHECK(Disk("dos").container() == Way{false, "no-partitions", "its partition table is empty"});
}

TEST_CASE("a root without a file system is none", "[disk][boot]") {
    Disk disk("gpt", {kRoot});
    CHECK(disk.container() == Way{false, "no-file-system",
                                  "partition 1 is a root for x86-64, and no file system was found "
                                  "in it"});
    disk.put(1 * MiB, "LUKS\xba\xbe");
    CHECK(disk.container() ==
          Way{false, "encrypted", "partition 1 is a root for x86-64, and encrypted with LUKS"});
    disk.make(1, "vfat");
    CHECK(disk.container().why == "no-file-system");
    Disk cut("dos", {"83, bootable"});
    cut.make(1, "ext4").cut(3 * MiB);
    CHECK(cut.container() == Way{false, "cut-off",
                                 "partition 1 is its bootable one for Linux, and ends behind the "
                                 "end of the disk"});
}

TEST_CASE("a file system without a table is a container's root", "[disk][boot]") {
    Disk disk("");
    CHECK(disk.make(0, "ext4").ways() ==
          BootWays{{true, "file-system", "the whole disk is one ext4 file system"},
                   {false, "no-loader",
                    "there is no EFI system partition, and the first sector has no boot code"},
                   {}});
    const auto name_of = [](std::uint64_t offset, std::string_view magic) {
        return Disk("").put(offset, magic).container().reason;
    };
    CHECK(name_of(0, "XFSB") == "the whole disk is one xfs file system");
    CHECK(name_of(0, "hsqs") == "the whole disk is one squashfs file system");
    CHECK(name_of(65600, "_BHRfS_M") == "the whole disk is one btrfs file system");
    CHECK(name_of(1024, "\xe2\xe1\xf5\xe0") == "the whole disk is one erofs file system");
    CHECK(name_of(0, "LUKS\xba\xbe") == "the whole disk is encrypted with LUKS");
    Disk fat("");
    fat.make(0, "vfat");
    CHECK(fat.container() ==
          Way{false, "no-root",
              "the whole disk is one FAT file system, which holds no Linux system"});
    CHECK_FALSE(fat.machine().works); // its first sector only tells that it does not boot
}

TEST_CASE("what stands in the way of everything is said of both", "[disk][boot]") {
    const auto both = [](const Disk& disk) {
        const BootWays ways = disk.ways();
        CHECK(ways.container == ways.machine);
        CHECK_FALSE(ways.container.works);
        return ways.container.why + ": " + ways.container.reason;
    };
    CHECK(both(Disk("")) == "blank: nothing has been written to the start of this disk");
    CHECK(both(Disk("").cut(0)) == "empty: it is an empty file");
    CHECK(both(Disk("").put(0, "QFI\xfb")) ==
          "disk-image: it is a file in the qcow2 format, no raw disk; 'slipway import-raw' makes a "
          "disk of it");
    CHECK(both(Disk("").put(0, "KDMV")) ==
          "disk-image: it is a file in the VMDK format, no raw disk; 'slipway import-raw' makes a "
          "disk of what 'qemu-img convert -O qcow2' makes of it");
    CHECK(both(Disk("gpt", {kRoot}).put(512, "x").put(32 * MiB - 512, "x")) ==
          "damaged-table: the GPT at the disk's start is damaged, and so is the copy at its end");
    const BootWays garbage = Disk("").put(0, std::string(2000, 'x')).ways();
    CHECK(garbage.container ==
          Way{false, "unknown", "neither a partition table nor a file system was found on it"});
    CHECK(garbage.machine.why == "no-loader");
}
