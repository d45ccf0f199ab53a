// Two tables.

#include "disk/system_partition.hh"

#include <algorithm>
#include <array>

namespace slipway::disk {
namespace {

struct Row {
    std::string_view architecture;
    std::string_view root;
    std::string_view usr;
};

constexpr std::array kRows{
    Row{"x86-64", "4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "8484680c-9521-48c6-9c11-b0720656f69e"},
    Row{"x86", "44479540-f297-41b2-9af7-d131d5f0458a", "75250d76-8cc6-458e-bd66-bd47cc81a812"},
    Row{"arm64", "b921b045-1df0-41c3-af44-4c6f280d3fae", "b0e01050-ee5f-4390-949a-9101b17104e9"},
    Row{"arm", "69dad710-2ce4-4e3c-b16c-21a1d49abed3", "7d0359a3-02b3-4f0a-865c-654403e70625"},
    Row{"riscv64", "72ec70a6-cf74-40e6-bd49-4bda08e8f224", "beaec34b-8442-439b-a40b-984381ed097d"},
    Row{"loongarch64", "77055800-792c-4f94-b39a-98c91b762bb6",
        "e611c702-575c-4cbe-9a46-434fa0bf7e3f"},
    Row{"ppc64-le", "c31c45e6-3f39-412e-80fb-4809c4980599", "15bb03af-77e7-4d4a-b12b-c0d084f7491c"},
    Row{"s390x", "5eead9a9-fe09-4a1e-a1d7-520d00531306", "8a4f5770-50aa-4ed3-874a-99b710db6fea"},
};

// Names of loaders: UEFI specification 2.10, §3.5.1.1, as FAT's short names have them.
constexpr std::array kHosts{
    HostArchitecture{"x86_64", "x86-64", "x86", "BOOTX64.EFI", true},
    HostArchitecture{"i686", "x86", "", "BOOTIA32.EFI", true},
    HostArchitecture{"aarch64", "arm64", "arm", "BOOTAA64.EFI"},
    HostArchitecture{"armv7l", "arm", "", "BOOTARM.EFI"},
    HostArchitecture{"riscv64", "riscv64", "", "BOOTRI~1.EFI"},
    HostArchitecture{"loongarch64", "loongarch64", "", "BOOTLO~1.EFI"},
    HostArchitecture{"ppc64le", "ppc64-le", "", ""},
    HostArchitecture{"s390x", "s390x", "", ""},
};

} // namespace

std::optional<SystemPartition> find_system_partition(std::string_view type) {
    for (const Row& row : kRows) {
        if (type == row.root || type == row.usr) {
            return SystemPartition{row.architecture, type == row.root};
        }
    }
    return std::nullopt;
}

std::optional<HostArchitecture> find_host_architecture(std::string_view machine) {
    const auto* const found =
        std::find_if(kHosts.begin(), kHosts.end(),
                     [machine](const HostArchitecture& host) { return host.machine == machine; });
    return found == kHosts.end() ? std::nullopt : std::optional(*found);
}

} // namespace slipway::disk
