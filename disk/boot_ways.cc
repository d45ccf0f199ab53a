// What stands in the way of both is said of both.

#include "disk/boot_ways.hh"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "disk/system_partition.hh"

namespace slipway::disk {
namespace {

constexpr std::string_view kLinuxData = "0fc63daf-8483-4772-8e79-3d69d8477de4";
constexpr std::string_view kMbrLinux = "83";
constexpr std::string_view kBiosBoot = "21686148-6449-6e6f-744e-656564454649";

Way yes(std::string_view why, std::string reason) {
    return {true, std::string(why), std::move(reason)};
}

Way no(std::string_view why, std::string reason) {
    return {false, std::string(why), std::move(reason)};
}

bool is_root_file_system(const Content& content) {
    return content.holds == Holds::FileSystem && content.name != "FAT";
}

// "partition 1", "partitions 1 and 3".
std::string named(const std::vector<unsigned>& numbers) {
    if (numbers.size() == 1) {
        return fmt::format("partition {}", numbers.front());
    }
    const std::vector<unsigned> first(numbers.begin(), numbers.end() - 1);
    return fmt::format("partitions {} and {}", fmt::join(first, ", "), numbers.back());
}

class Judge {
public:
    Judge(const DiskFacts& facts, std::string_view machine)
        : facts_(facts), host_(find_host_architecture(machine).value_or(HostArchitecture{})) {
        host_name_ = host_.native.empty() ? machine : host_.native;
    }

    BootWays ways() const {
        BootWays ways;
        if (std::optional<Way> obstacle = find_obstacle()) {
            ways.container = *obstacle;
            ways.machine = std::move(*obstacle);
            return ways;
        }
        ways.container = container();
        ways.machine = machine(ways.firmware);
        return ways;
    }

private:
    const PartitionTable& table() const noexcept { return facts_.table; }
    std::optional<Way> find_obstacle() const;
    std::optional<Way> find_other_architecture() const;
    bool is_of_host(const SystemPartition& system) const {
        return system.architecture == host_.native || system.architecture == host_.secondary;
    }

    Way container() const;
    Way container_of_whole() const;
    Way container_of_only_linux() const;
    Way container_of(std::size_t index, std::string_view why, const std::string& what) const;
    std::optional<std::size_t> find_system(std::string_view architecture, bool is_root) const;

    Way machine(std::vector<std::string>& firmware) const;
    std::optional<std::string> find_uefi(std::vector<std::string>& missing) const;
    std::optional<std::string> find_bios(std::vector<std::string>& missing) const;

    const DiskFacts& facts_;
    HostArchitecture host_;
    std::string_view host_name_;
};

std::optional<Way> Judge::find_obstacle() const {
    if (table().disk_bytes == 0) {
        return no("empty", "it is an empty file");
    }
    if (facts_.whole.holds == Holds::DiskImage) {
        return no("disk-image", fmt::format("it is a file in the {} format, no raw disk; "
                                            "'slipway import-raw' makes a disk of {}",
                                            facts_.whole.name,
                                            facts_.whole.name == "qcow2"
                                                ? "it"
                                                : "what 'qemu-img convert -O qcow2' makes of it"));
    }
    if (!table().problem.empty()) {
        return no("damaged-table", table().problem);
    }
    if (table().kind == TableKind::None && facts_.whole.holds == Holds::Blank) {
        return no("blank", "nothing has been written to the start of this disk");
    }
    return find_other_architecture();
}

// Nothing of it can run here, its loader included.
std::optional<Way> Judge::find_other_architecture() const {
    std::optional<Way> other;
    for (const Partition& partition : table().partitions) {
        const auto system = find_system_partition(partition.type);
        if (system && is_of_host(*system)) {
            return std::nullopt;
        }
        if (system && !other) {
            other = no("other-architecture",
                       fmt::format("partition {} is a {} for {}, and this host is {}",
                                   partition.number, system->is_root ? "root" : "/usr",
                                   system->architecture, host_name_));
        }
    }
    return other;
}

Way Judge::container_of_whole() const {
    const Content& whole = facts_.whole;
    if (is_root_file_system(whole)) {
        return yes("file-system", fmt::format("the whole disk is one {} file system", whole.name));
    }
    if (whole.holds == Holds::Encrypted) {
        return no("encrypted", fmt::format("the whole disk is encrypted with {}", whole.name));
    }
    if (table().kind == TableKind::Mbr) {
        return no("no-partitions", "its partition table is empty");
    }
    if (whole.holds == Holds::FileSystem) {
        return no("no-root", fmt::format("the whole disk is one {} file system, which holds no "
                                         "Linux system",
                                         whole.name));
    }
    return no("unknown", "neither a partition table nor a file system was found on it");
}

Way Judge::container_of(std::size_t index, std::string_view why, const std::string& what) const {
    const Partition& partition = table().partitions[index];
    const Content& content = facts_.contents[index].content;
    const std::string name = fmt::format("partition {} is {}", partition.number, what);
    if (partition.end_bytes() > table().disk_bytes) {
        return no("cut-off", name + ", and ends behind the end of the disk");
    }
    if (content.holds == Holds::Encrypted) {
        return no("encrypted", fmt::format("{}, and encrypted with {}", name, content.name));
    }
    if (!is_root_file_system(content)) {
        return no("no-file-system", name + ", and no file system was found in it");
    }
    return yes(why, fmt::format("{}, with {}", name, content.name));
}

std::optional<std::size_t> Judge::find_system(std::string_view architecture, bool is_root) const {
    const auto& partitions = table().partitions;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        const auto system = find_system_partition(partitions[i].type);
        if (system && system->architecture == architecture && system->is_root == is_root &&
            !partitions[i].no_auto) {
            return i;
        }
    }
    return std::nullopt;
}

Way Judge::container_of_only_linux() const {
    const bool is_gpt = table().kind == TableKind::Gpt;
    const auto& partitions = table().partitions;
    std::vector<std::size_t> usable;
    std::vector<unsigned> numbers;
    bool unmarked = false;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (partitions[i].type != (is_gpt ? kLinuxData : kMbrLinux)) {
            continue;
        }
        if (is_gpt ? partitions[i].no_auto : !partitions[i].bootable) {
            unmarked = true;
            continue;
        }
        usable.push_back(i);
        numbers.push_back(partitions[i].number);
    }
    if (usable.size() == 1) {
        return container_of(usable.front(), "linux-partition",
                            is_gpt ? "its only one for Linux" : "its bootable one for Linux");
    }
    if (usable.size() > 1) {
        return no("several-partitions", named(numbers) + " are for Linux, and nothing says which "
                                                         "is the root");
    }
    if (unmarked && !is_gpt) {
        return no("not-marked", "none of its partitions for Linux is marked as bootable");
    }
    return no("no-root", partitions.empty()
                             ? std::string("its partition table is empty")
                             : fmt::format("no partition is a root for {}{}", host_name_,
                                           is_gpt ? "" : ", or for Linux"));
}

Way Judge::container() const {
    if (table().kind == TableKind::None ||
        (table().kind == TableKind::Mbr && table().partitions.empty())) {
        return container_of_whole();
    }
    if (table().kind == TableKind::Gpt) {
        for (const bool is_root : {true, false}) {
            for (const std::string_view architecture : {host_.native, host_.secondary}) {
                if (const auto index = find_system(architecture, is_root)) {
                    return container_of(
                        *index, is_root ? "root-partition" : "usr-partition",
                        fmt::format("{} for {}", is_root ? "a root" : "a /usr", architecture));
                }
            }
        }
    }
    return container_of_only_linux();
}

std::optional<std::string> Judge::find_uefi(std::vector<std::string>& missing) const {
    const auto& partitions = table().partitions;
    std::string first_miss;
    for (std::size_t i = 0; i < partitions.size(); ++i) {
        if (partitions[i].type != kEfiSystem && partitions[i].type != kMbrEfiSystem) {
            continue;
        }
        const auto& files = facts_.contents[i].boot_files;
        const std::string name =
            fmt::format("partition {} is an EFI system partition", partitions[i].number);
        if (files && std::find(files->begin(), files->end(), host_.loader) != files->end()) {
            return fmt::format("{} with \\EFI\\BOOT\\{}", name, host_.loader);
        }
        if (first_miss.empty()) {
            first_miss = host_.loader.empty()
                             ? name + ", and this host has no UEFI"
                             : fmt::format("{} without \\EFI\\BOOT\\{}", name, host_.loader);
        }
    }
    missing.push_back(first_miss.empty() ? "there is no EFI system partition" : first_miss);
    return std::nullopt;
}

std::optional<std::string> Judge::find_bios(std::vector<std::string>& missing) const {
    if (!host_.has_bios) {
        return std::nullopt;
    }
    if (!table().boot_code || facts_.whole.name == "FAT") { // whose first sector only looks so
        missing.emplace_back("the first sector has no boot code");
        return std::nullopt;
    }
    if (table().kind != TableKind::Gpt) {
        return "the first sector has boot code";
    }
    const auto& partitions = table().partitions;
    const auto found =
        std::find_if(partitions.begin(), partitions.end(), [](const Partition& partition) {
            return partition.type == kBiosBoot || partition.bootable;
        });
    if (found == partitions.end()) {
        missing.emplace_back("the first sector has boot code, but no partition is for a BIOS");
        return std::nullopt;
    }
    return fmt::format("the first sector has boot code and partition {} is {}", found->number,
                       found->type == kBiosBoot ? "for a BIOS" : "bootable by a BIOS");
}

Way Judge::machine(std::vector<std::string>& firmware) const {
    std::vector<std::string> found;
    std::vector<std::string> missing;
    std::string_view why = "no-loader";
    if (auto uefi = find_uefi(missing)) {
        firmware.emplace_back("uefi");
        found.push_back(std::move(*uefi));
        why = "efi-loader";
    }
    if (auto bios = find_bios(missing)) {
        firmware.emplace_back("bios");
        why = found.empty() ? "boot-code" : why;
        found.push_back(std::move(*bios));
    }
    return found.empty() ? no(why, fmt::format("{}", fmt::join(missing, ", and ")))
                         : yes(why, fmt::format("{}", fmt::join(found, "; ")));
}

} // namespace

BootWays judge_boot_ways(const DiskFacts& facts, std::string_view machine) {
    return Judge(facts, machine).ways();
}

} // namespace slipway::disk
