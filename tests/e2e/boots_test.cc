// How image-status says that an image can be started, of trees and of disks of real tools.

#include <algorithm>

#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/temp_pool.hh"

using namespace slipway;
using namespace slipway::tests;
namespace fs = std::filesystem;

namespace {

#if defined(__x86_64__)
constexpr const char* kUnlessHere = nullptr;
#else
constexpr const char* kUnlessHere = "the disks of these tests are for x86-64";
#endif

const std::string kEsp = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B";
const std::string kRoot = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709";

class Shelf {
public:
    RunResult slipway(std::vector<std::string> words) const {
        words.insert(words.begin(), {program("slipway"), "--pool=" + pool.path().string()});
        return run(words, {.environment = {"TZ=UTC", "CACHE_DIRECTORY=" + cache.path().string()}});
    }
    /// What image-status says of it, from "Boots" on to the next key.
    std::string boots(const std::string& name) const {
        const RunResult shown = slipway({"image-status", name});
        INFO(shown.err);
        REQUIRE(shown.status == 0);
        CHECK(shown.err.empty());
        const std::size_t begin = shown.out.find("           Boots: ");
        const std::size_t end = shown.out.find("              RO: ");
        REQUIRE(end != std::string::npos);
        return begin == std::string::npos ? "" : shown.out.substr(begin, end - begin);
    }
    nlohmann::json json(std::vector<std::string> words) const {
        words.insert(words.begin(), {"image-status", "--json=short"});
        return nlohmann::json::parse(slipway(words).out);
    }
    fs::path tree(const std::string& name) const {
        fs::create_directories(pool / name / "usr/bin");
        return pool / name;
    }
    fs::path disk(const std::string& name, std::uint64_t size_bytes,
                  const std::string& script = "") const {
        const fs::path path = pool / (name + ".raw");
        write_file(path, "");
        fs::resize_file(path, size_bytes);
        if (!script.empty()) {
            RunOptions options;
            options.input = script;
            run_ok({"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", path.string()},
                   options);
        }
        return path;
    }

    TempDir cache;
    TempPool pool;
};

void make_program(const fs::path& path) {
    fs::create_directories(path.parent_path());
    write_file(path, "#!/bin/sh\n");
    fs::permissions(path, fs::perms(0755));
}

// In the first MiB that a partition has.
void make_ext4(const fs::path& disk, unsigned start_mib, unsigned size_mib) {
    run_ok({"mke2fs", "-q", "-F", "-t", "ext4", "-E",
            "offset=" + std::to_string(start_mib * MiB) + ",nodiscard", disk.string(),
            std::to_string(size_mib) + "M"});
}

void overwrite(const fs::path& path, std::uint64_t offset, const std::string& bytes) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    REQUIRE(::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset)) ==
            static_cast<ssize_t>(bytes.size()));
}

std::string nowhere(const std::string& why) {
    return "           Boots: no: " + why + "\n";
}

} // namespace

TEST_CASE("a tree boots as a container when it has an init", "[e2e][boots]") {
    const Shelf shelf;
    make_program(shelf.tree("web") / "usr/lib/systemd/systemd");
    fs::create_symlink("../usr/lib/systemd/systemd", shelf.tree("old") / "init");
    make_program(shelf.tree("old") / "sbin/init");
    CHECK(shelf.boots("web") ==
          "           Boots: container\n"
          "                  as container: its init is /usr/lib/systemd/systemd\n"
          "                  not as machine: it is a tree, and a virtual machine boots from a "
          "disk\n");
    CHECK_THAT(shelf.boots("old"), contains("as container: its init is /sbin/init\n"));
    const auto boots = shelf.json({"web"}).at(0)["boots"];
    CHECK(boots == nlohmann::json{
                       {"container", true},
                       {"container_why", "init"},
                       {"container_reason", "its init is /usr/lib/systemd/systemd"},
                       {"machine", false},
                       {"machine_why", "tree"},
                       {"machine_reason", "it is a tree, and a virtual machine boots from a disk"},
                       {"firmware", nlohmann::json::array()}});
}

TEST_CASE("a tree without an init is told with what it is good for", "[e2e][boots]") {
    const Shelf shelf;
    const fs::path app = shelf.tree("app");
    const std::string expected =
        "           Boots: no\n"
        "                  not as container: it has no init: none of /usr/lib/systemd/systemd, "
        "/lib/systemd/systemd and /sbin/init; run a command of it with 'slipway run app COMMAND'\n"
        "                  not as machine: it is a tree, and a virtual machine boots from a disk\n";
    CHECK(shelf.boots("app") == expected);
    // One that is no program, and one outside of the tree.
    fs::create_directories(app / "sbin");
    write_file(app / "sbin/init", "");
    CHECK(shelf.boots("app") == expected);
    const TempDir outside;
    make_program(outside / "init");
    fs::remove(app / "sbin/init");
    fs::create_symlink(outside / "init", app / "sbin/init");
    CHECK(shelf.boots("app") == expected);
    CHECK(shelf.json({"app"}).at(0)["boots"]["container_why"] == "no-init");
}

TEST_CASE("a file system without a table boots as a container", "[e2e][boots]") {
    if (kUnlessHere != nullptr) {
        SKIP(kUnlessHere);
    }
    const Shelf shelf;
    make_ext4(shelf.disk("bare", 8 * MiB), 0, 8);
    CHECK(shelf.boots("bare") ==
          "           Boots: container\n"
          "                  as container: the whole disk is one ext4 file system\n"
          "                  not as machine: there is no EFI system partition, and the first "
          "sector has no boot code\n");
}

TEST_CASE("a disk with a loader and a root boots both ways", "[e2e][boots]") {
    if (kUnlessHere != nullptr) {
        SKIP(kUnlessHere);
    }
    const Shelf shelf;
    const fs::path cloud =
        shelf.disk("cloud", 32 * MiB,
                   "label: gpt\nsize=8MiB, type=" + kEsp + "\nsize=16MiB, type=" + kRoot + "\n");
    make_ext4(cloud, 9, 16);
    run_ok({"mkfs.vfat", "--offset", "2048", cloud.string(), "8192"});
    CHECK(shelf.boots("cloud") ==
          "           Boots: container\n"
          "                  as container: partition 2 is a root for x86-64, with ext4\n"
          "                  not as machine: partition 1 is an EFI system partition without "
          "\\EFI\\BOOT\\BOOTX64.EFI, and the first sector has no boot code\n");
    const TempDir place;
    write_file(place / "loader", "MZ");
    const std::string esp = cloud.string() + "@@1M";
    run_ok({"mmd", "-i", esp, "::/EFI", "::/EFI/BOOT"});
    run_ok({"mcopy", "-i", esp, (place / "loader").string(), "::/EFI/BOOT/bootx64.efi"});
    CHECK(shelf.boots("cloud") ==
          "           Boots: container, machine (UEFI)\n"
          "                  as container: partition 2 is a root for x86-64, with ext4\n"
          "                  as machine: partition 1 is an EFI system partition with "
          "\\EFI\\BOOT\\BOOTX64.EFI\n");
    const auto boots = shelf.json({"cloud"}).at(0)["boots"];
    CHECK(boots["container_why"] == "root-partition");
    CHECK(boots["machine_why"] == "efi-loader");
    CHECK(boots["firmware"] == nlohmann::json{"uefi"});
    // Of several images no disk is looked into.
    const fs::path other = shelf.tree("web");
    make_program(other / "sbin/init");
    const auto both = shelf.json({"cloud", "web"});
    CHECK(both.at(0)["boots"].is_null());
    CHECK(both.at(1)["boots"]["container"] == true);
}

TEST_CASE("a disk for a BIOS is told from one for a container", "[e2e][boots]") {
    if (kUnlessHere != nullptr) {
        SKIP(kUnlessHere);
    }
    const Shelf shelf;
    const fs::path disk = shelf.disk("bios", 16 * MiB, "label: dos\nsize=8MiB, type=83\n");
    make_ext4(disk, 1, 8);
    overwrite(disk, 0, "\xeb\x63\x90");
    CHECK(shelf.boots("bios") ==
          "           Boots: machine (BIOS)\n"
          "                  not as container: none of its partitions for Linux is marked as "
          "bootable\n"
          "                  as machine: the first sector has boot code\n");
    run_ok(
        {"sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--activate", disk.string(), "1"});
    CHECK(shelf.boots("bios") ==
          "           Boots: container, machine (BIOS)\n"
          "                  as container: partition 1 is its bootable one for Linux, with ext4\n"
          "                  as machine: the first sector has boot code\n");
}

TEST_CASE("a disk that nothing boots from is told why", "[e2e][boots]") {
    if (kUnlessHere != nullptr) {
        SKIP(kUnlessHere);
    }
    const Shelf shelf;
    shelf.disk("blank", 4 * MiB);
    CHECK(shelf.boots("blank") == nowhere("nothing has been written to the start of this disk"));
    shelf.disk("empty", 0);
    CHECK(shelf.boots("empty") == nowhere("it is an empty file"));
    overwrite(shelf.disk("garbage", 4 * MiB), 0, std::string(200 * KiB, 'x'));
    CHECK(shelf.boots("garbage") ==
          "           Boots: no\n"
          "                  not as container: neither a partition table nor a file system was "
          "found on it\n"
          "                  not as machine: there is no EFI system partition, and the first "
          "sector has no boot code\n");
    run_ok({"qemu-img", "create", "-q", "-f", "qcow2", (shelf.pool / "packed.raw").string(), "4M"});
    CHECK(shelf.boots("packed") ==
          nowhere("it is a file in the qcow2 format, no raw disk; 'slipway import-raw' makes a "
                  "disk of it"));
    const fs::path damaged =
        shelf.disk("damaged", 4 * MiB, "label: gpt\nsize=1MiB, type=" + kRoot + "\n");
    overwrite(damaged, 512, "x");
    CHECK_THAT(shelf.boots("damaged"), contains("partition 1 is a root for x86-64, and no file "
                                                "system was found in it"));
    overwrite(damaged, 4 * MiB - 512, "x");
    CHECK(shelf.boots("damaged") ==
          nowhere("the GPT at the disk's start is damaged, and so is the copy at its end"));
    CHECK(shelf.json({"damaged"}).at(0)["boots"]["machine_why"] == "damaged-table");
}

TEST_CASE("what is not for booting is not looked at", "[e2e][boots]") {
    const Shelf shelf;
    make_program(shelf.tree("tool") / "sbin/init");
    const RunResult shown = shelf.slipway({"image-status", "--class=sysext", "tool"});
    INFO(shown.err);
    REQUIRE(shown.status == 0);
    CHECK(shown.out.find("Boots:") == std::string::npos);
}
