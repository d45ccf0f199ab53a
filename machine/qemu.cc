// A virtual machine shares nothing with the host but what it is given here. What only a container
// can be is refused by its name: it would be missed.

#include "machine/qemu.hh"

#include <array>

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "machine/launch_leftovers.hh"
#include "machine/name_hash.hh"
#include "machine/qemu_arguments.hh"

namespace slipway::machine {
namespace {

constexpr std::size_t kMaxLinkName = 15; // IFNAMSIZ, less its end

struct ForContainers {
    bool (*is_said)(const MachineSpec&);
    std::string_view flag;
};

constexpr std::array kForContainers{
    ForContainers{[](const MachineSpec& s) { return s.mode == Mode::Command; }, "a command"},
    ForContainers{[](const MachineSpec& s) { return !s.command.empty(); }, "arguments for init"},
    ForContainers{[](const MachineSpec& s) { return !s.environment.empty(); }, "--setenv"},
    ForContainers{[](const MachineSpec& s) { return !s.working_directory.empty(); }, "--chdir"},
    ForContainers{[](const MachineSpec& s) { return !s.pivot_root.empty(); }, "--pivot-root"},
    ForContainers{[](const MachineSpec& s) { return !s.personality.empty(); }, "--personality"},
    ForContainers{[](const MachineSpec& s) { return s.private_users != PrivateUsers::Pick; },
                  "--private-users"},
    ForContainers{[](const MachineSpec& s) {
                      return !s.add_capabilities.empty() || !s.drop_capabilities.empty() ||
                             !s.ambient_capabilities.empty();
                  },
                  "capabilities"},
    ForContainers{[](const MachineSpec& s) { return s.no_new_privileges; }, "--no-new-privileges"},
    ForContainers{[](const MachineSpec& s) { return !s.system_call_filter.empty(); },
                  "--system-call-filter"},
    ForContainers{[](const MachineSpec& s) { return !s.limits.empty(); }, "--rlimit"},
    ForContainers{[](const MachineSpec& s) { return s.oom_score_adjust.has_value(); },
                  "--oom-score-adjust"},
    ForContainers{[](const MachineSpec& s) { return !s.cpu_affinity.empty(); }, "--cpu-affinity"},
    ForContainers{[](const MachineSpec& s) { return !s.resolv_conf.empty(); }, "--resolv-conf"},
    ForContainers{[](const MachineSpec& s) { return !s.timezone.empty(); }, "--timezone"},
    ForContainers{[](const MachineSpec& s) { return !s.link_journal.empty(); }, "--link-journal"},
    ForContainers{[](const MachineSpec& s) { return s.is_volatile != Volatile::No; }, "--volatile"},
    ForContainers{[](const MachineSpec& s) { return !s.binds.empty(); }, "--bind"},
    ForContainers{[](const MachineSpec& s) { return !s.overlays.empty(); }, "--overlay"},
    ForContainers{[](const MachineSpec& s) { return !s.temporary_file_systems.empty(); },
                  "--tmpfs"},
    ForContainers{[](const MachineSpec& s) { return !s.inaccessible.empty(); }, "--inaccessible"},
    ForContainers{[](const MachineSpec& s) { return !s.bind_users.empty(); }, "--bind-user"},
    ForContainers{[](const MachineSpec& s) { return !s.extra_veths.empty(); },
                  "--network-veth-extra"},
    ForContainers{[](const MachineSpec& s) { return !s.host_links.empty(); },
                  "an interface of the host's"},
};

void check_settings(const MachineSpec& spec) {
    for (const ForContainers& one : kForContainers) {
        if (one.is_said(spec)) {
            throw Error(Kind::Unsupported,
                        "a virtual machine has no {}; nothing was started. Leave it out, or start "
                        "the image {} as a container with --engine=nspawn-direct",
                        one.flag, quoted(spec.image));
        }
    }
}

void check_disk(const MachineSpec& spec) {
    if (spec.type != storage::ImageType::Raw && spec.type != storage::ImageType::Block) {
        throw Error(Kind::Unsupported,
                    "the image {} is a tree, and a virtual machine boots a disk; nothing was "
                    "started. Start it as a container, without --engine=qemu",
                    quoted(spec.image));
    }
}

void check_host(const MachineSpec& spec, const HostFacts& host) {
    if (host.qemu.empty()) {
        throw Error(Kind::Unsupported, "qemu-system-x86_64, which runs virtual machines, is not "
                                       "installed; install the package qemu-system-x86");
    }
    if (spec.hardware.firmware == Firmware::Uefi && host.firmware_code.empty()) {
        throw Error(Kind::Unsupported,
                    "the firmware that starts the disk {} is not installed; install the package "
                    "ovmf, or use --firmware=bios for a disk that has a boot sector",
                    quoted(spec.image));
    }
}

void check_memory(const MachineSpec& spec) {
    constexpr std::uint64_t kLeastBytes = std::uint64_t{16} << 20;
    if (spec.hardware.memory_bytes < kLeastBytes) {
        throw Error(Kind::InvalidArgument,
                    "{} is too little memory for a machine; nothing was started. Expected {} or "
                    "more, as in --memory=512M",
                    format_size(spec.hardware.memory_bytes), format_size(kLeastBytes));
    }
}

void check_network(const MachineSpec& spec) {
    switch (spec.network) {
    case Network::User:
    case Network::None:
        return;
    case Network::Bridge:
    case Network::Zone:
        if (!spec.ports.empty()) {
            throw Error(Kind::Unsupported,
                        "ports of the host lead into a virtual machine with --network=user alone; "
                        "nothing was started. In the network of {} it has an address of its own",
                        quoted(spec.network_of));
        }
        return;
    case Network::Host:
    case Network::Veth:
    case Network::Nat:
    case Network::Macvlan:
    case Network::Interface:
        throw Error(Kind::Unsupported,
                    "a virtual machine's network is one of user, none, bridge:NAME and zone:NAME; "
                    "nothing was started");
    }
}

// Names that the kernel cannot hold are told apart by a number.
std::string link_name(const std::string& machine) {
    const std::string name = "vt-" + machine;
    return name.size() <= kMaxLinkName ? name : fmt::format("vt-{:08x}", name_hash(machine));
}

void plan_link(LaunchPlan& plan, const MachineSpec& spec) {
    if (spec.network != Network::Bridge && spec.network != Network::Zone) {
        return;
    }
    plan.link = link_name(spec.name);
    plan.makes_bridge = spec.network == Network::Zone;
    plan.bridge = (plan.makes_bridge ? "vz-" : "") + spec.network_of;
    if (plan.makes_bridge) {
        plan.undo.push_back({.kind = Undo::Kind::RemoveBridge, .what = plan.bridge});
    }
    plan.undo.push_back({.kind = Undo::Kind::RemoveLink, .what = plan.link});
}

// A credential is a file of the machine's own: no secret is in an argument list.
void plan_first_boot(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    if (!spec.first_boot) {
        return;
    }
    plan.seed_disk = plan.kept / "seed.iso";
    plan.seed_files = seed_files(*spec.first_boot);
    for (const auto& [name, value] : guest_credentials(*spec.first_boot)) {
        plan.files[host.machines / spec.name / "smbios" / name] =
            fmt::format("io.systemd.credential:{}={}", name, value);
    }
    plan.forwards_ssh = spec.network == Network::User;
    plan.ssh_user = spec.first_boot->user.empty() ? "root" : spec.first_boot->user;
}

void choose_accelerator(LaunchPlan& plan, MachineSpec& spec, const HostFacts& host) {
    if (spec.hardware.accelerator) {
        return;
    }
    spec.hardware.accelerator = host.has_kvm ? Accelerator::Kvm : Accelerator::Tcg;
    if (!host.has_kvm) {
        plan.notes.emplace_back("KVM does not work on this host, so that qemu runs the machine's "
                                "instructions itself, many times slower");
    }
}

std::filesystem::path plan_variables(LaunchPlan& plan, const MachineSpec& spec,
                                     const HostFacts& host) {
    if (spec.hardware.firmware == Firmware::Bios) {
        return {};
    }
    const std::filesystem::path variables = plan.kept / "efi-variables.fd";
    plan.kept_copies[variables] = host.firmware_variables;
    return variables;
}

} // namespace

std::filesystem::path kept_directory(const MachineSpec& spec, const std::filesystem::path& kept) {
    return kept / ((spec.ephemeral ? "." : "") + spec.name);
}

LaunchPlan plan_qemu(MachineSpec spec, const HostFacts& host) {
    spec.hardware.firmware = spec.hardware.firmware.value_or(Firmware::Uefi);
    check_disk(spec);
    check_settings(spec);
    check_host(spec, host);
    check_memory(spec);
    check_network(spec);
    LaunchPlan plan;
    plan.engine = EngineKind::Qemu;
    choose_accelerator(plan, spec, host);
    plan.root = spec.root;
    plan.shares_lock = spec.read_only || spec.ephemeral;
    plan.kept = kept_directory(spec, host.kept);
    if (spec.ephemeral) {
        plan.undo.push_back({.kind = Undo::Kind::RemoveTree, .what = plan.kept.native()});
    }
    plan_link(plan, spec);
    const std::filesystem::path variables = plan_variables(plan, spec, host);
    plan_first_boot(plan, spec, host);
    plan.arguments = qemu_arguments(spec, host, plan, variables);
    plan.arguments.insert(plan.arguments.begin(), host.qemu.native());
    plan_cgroups(plan, spec, host);
    return plan;
}

} // namespace slipway::machine
