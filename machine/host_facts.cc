// Nothing here needs a library of systemd's: what is asked is on file systems.

#include "machine/host_facts.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include <sys/socket.h>
#include <sys/un.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/fd.hh"
#include "base/find_tool.hh"
#include "base/memfd.hh"
#include "machine/id_map_probe.hh"

namespace slipway::machine {
namespace {

namespace fs = std::filesystem;

unsigned version_of(const fs::path& tool) {
    const Fd said = make_memfd();
    ChildProcess child(ChildSpec{.program = tool,
                                 .arguments = {"--version"},
                                 .fds = {{said.get(), 1}},
                                 .environment = {},
                                 .capture_stderr = true});
    return child.wait().success() ? read_systemd_version(read_all(said.get(), MiB)) : 0;
}

bool answers(const char* socket_path) {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path, sizeof address.sun_path - 1);
    return fd &&
           ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

// A service has its cgroup exactly as long as it runs.
bool has_service(const std::vector<fs::path>& cgroup_roots, std::string_view service) {
    return std::any_of(cgroup_roots.begin(), cgroup_roots.end(), [&](const fs::path& root) {
        std::error_code ignored;
        return fs::exists(root / "system.slice" / service, ignored);
    });
}

std::string read_mounts() {
    std::ifstream mounts("/proc/self/mounts");
    return {std::istreambuf_iterator<char>(mounts), {}};
}

bool has_option(std::string_view options, std::string_view wanted) {
    while (!options.empty()) {
        const std::string_view option = options.substr(0, options.find(','));
        if (option == wanted) {
            return true;
        }
        options.remove_prefix(std::min(option.size() + 1, options.size()));
    }
    return false;
}

// Where Debian, Fedora and Arch have it: code and variables go together.
void find_firmware(HostFacts& host) {
    constexpr std::array kPlaces{
        std::pair("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
        std::pair("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
        std::pair("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
    };
    for (const auto& [code, variables] : kPlaces) {
        std::error_code ignored;
        if (fs::exists(code, ignored) && fs::exists(variables, ignored)) {
            host.firmware_code = code;
            host.firmware_variables = variables;
            return;
        }
    }
}

} // namespace

bool runs_systemd() {
    std::error_code ignored;
    return fs::is_directory(fs::symlink_status("/run/systemd/system", ignored)) &&
           answers("/run/dbus/system_bus_socket");
}

unsigned read_systemd_version(std::string_view text) noexcept {
    constexpr std::string_view kName = "systemd ";
    unsigned version = 0;
    if (text.starts_with(kName)) {
        text.remove_prefix(kName.size());
        std::from_chars(text.data(), text.data() + text.size(), version);
    }
    return version;
}

CgroupMounts read_cgroup_mounts(std::string_view mounts) {
    std::istringstream lines{std::string(mounts)};
    CgroupMounts found;
    bool legacy = false;
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string device;
        std::string path;
        std::string type;
        std::string options;
        words >> device >> path >> type >> options;
        legacy = legacy || type == "cgroup";
        if (type == "cgroup2" || (type == "cgroup" && has_option(options, "name=systemd"))) {
            found.roots.emplace_back(path);
        }
    }
    found.is_unified = !legacy && !found.roots.empty();
    return found;
}

HostFacts find_host_facts(const fs::path& root, storage::ImageType type) {
    const CgroupMounts cgroups = read_cgroup_mounts(read_mounts());
    const bool is_tree =
        type == storage::ImageType::Directory || type == storage::ImageType::Subvolume;
    HostFacts host;
    host.runs_systemd = runs_systemd();
    host.nspawn = find_tool("systemd-nspawn");
    host.dissect = find_tool("systemd-dissect");
    host.qemu = find_tool("qemu-system-x86_64");
    find_firmware(host);
    host.systemd_version = host.nspawn.empty() ? 0 : version_of(host.nspawn);
    host.is_unified_cgroup = cgroups.is_unified;
    host.cgroup_roots = cgroups.roots;
    host.can_map_ids = !is_tree || can_map_ids(root);
    host.has_networkd = host.runs_systemd && has_service(cgroups.roots, "systemd-networkd.service");
    std::error_code ignored;
    host.has_resolved = fs::exists("/run/systemd/resolve/resolv.conf", ignored);
    return host;
}

} // namespace slipway::machine
