// The kernel takes a link away with the last process of its machine; it is in the undo list for the
// time in which a process of the machine hangs. Ports the engine takes back, unless it was killed.

#include "machine/launch_leftovers.hh"

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"

namespace slipway::machine {
namespace {

// systemd-nspawn shortens names that the kernel cannot hold, and keeps the whole one as
// alternative.
void plan_links(LaunchPlan& plan, const MachineSpec& spec) {
    // The engine makes the bridge of a zone, and takes it away with the zone's last machine.
    if (spec.network == Network::Zone) {
        plan.undo.push_back({.kind = Undo::Kind::RemoveBridge, .what = "vz-" + spec.network_of});
    }
    const auto remove = [&](const std::string& link) {
        plan.undo.push_back({.kind = Undo::Kind::RemoveLink, .what = link});
    };
    if (spec.network == Network::Veth || spec.network == Network::Nat) {
        remove("ve-" + spec.name);
    } else if (spec.network == Network::Bridge || spec.network == Network::Zone) {
        remove("vb-" + spec.name);
    }
    for (const std::string& veth : spec.extra_veths) {
        remove(veth.substr(0, veth.find(':')));
    }
}

void plan_masquerade(LaunchPlan& plan, const MachineSpec& spec) {
    const std::string table = "inet slipway-" + spec.name;
    plan.masquerades = true;
    plan.undo.push_back({.kind = Undo::Kind::RemoveTable, .what = table});
    plan.notes.push_back(
        fmt::format("the host forwards IPv4 from now on (net.ipv4.ip_forward), and "
                    "masquerades for the machine by the nft table '{}'",
                    table));
}

// The host's systemd-networkd serves its end of the link, with addresses and with masquerading.
void plan_served_link(LaunchPlan& plan, const MachineSpec& spec) {
    if (spec.network == Network::Nat) {
        plan.notes.push_back(
            fmt::format("systemd-networkd forwards and masquerades for 've-{}'", spec.name));
    }
}

// A unit has nobody of ours who would be there again after each boot.
void plan_unserved_unit(LaunchPlan& plan, const MachineSpec& spec) {
    if (spec.network == Network::Nat) {
        throw Error(Kind::Unsupported,
                    "no systemd-networkd runs here, which would masquerade for the machine {}; "
                    "start it (systemctl enable --now systemd-networkd), or use "
                    "--engine=nspawn-direct",
                    quoted(spec.name));
    }
    plan.notes.emplace_back("no systemd-networkd runs here: the machine gets no address; start it "
                            "(systemctl enable --now systemd-networkd), or use "
                            "--engine=nspawn-direct");
}

void plan_veth(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    if (host.has_networkd) {
        plan_served_link(plan, spec);
    } else if (plan.engine == EngineKind::NspawnUnit) {
        plan_unserved_unit(plan, spec);
    } else {
        plan.sets_addresses = true;
        if (spec.network == Network::Nat) {
            plan_masquerade(plan, spec);
        }
    }
}

} // namespace

std::vector<HostLink> links_of(const MachineSpec& spec) {
    std::vector<HostLink> links = spec.host_links;
    if (spec.network == Network::Macvlan || spec.network == Network::Interface) {
        const auto kind =
            spec.network == Network::Macvlan ? HostLink::Kind::Macvlan : HostLink::Kind::Interface;
        links.insert(links.begin(), {.kind = kind, .host = spec.network_of, .machine = ""});
    }
    return links;
}

void plan_network(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    for (const Port& port : spec.ports) {
        plan.undo.push_back({.kind = Undo::Kind::ReleasePort,
                             .what = fmt::format("{} {}", port.protocol, port.host)});
    }
    plan_links(plan, spec);
    if (spec.network == Network::Veth || spec.network == Network::Nat) {
        plan_veth(plan, spec, host);
    }
    if (spec.network == Network::Zone && !host.has_networkd) {
        plan.notes.push_back(fmt::format(
            "no systemd-networkd runs here: in the zone '{}' the machine gets an address only from "
            "a DHCP server of yours on the bridge 'vz-{}'",
            spec.network_of, spec.network_of));
    }
}

void plan_cgroups(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    if (host.cgroup_roots.empty()) {
        throw Error(Kind::Unsupported,
                    "the machine {} needs a cgroup, and no cgroup2 is mounted; mount one: "
                    "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
                    quoted(spec.name));
    }
    for (const std::filesystem::path& root : host.cgroup_roots) {
        plan.cgroups.push_back(root / kCgroupOfMachines / spec.name);
        plan.undo.push_back(
            {.kind = Undo::Kind::RemoveCgroup, .what = plan.cgroups.back().native()});
    }
}

std::vector<std::string> plan_credentials(LaunchPlan& plan, const MachineSpec& spec,
                                          const HostFacts& host) {
    std::vector<std::string> flags;
    for (const auto& [name, value] : spec.credentials) {
        const std::filesystem::path file = host.machines / spec.name / "credentials" / name;
        plan.files[file] = value;
        flags.push_back(fmt::format("--load-credential={}:{}", name, file.native()));
    }
    return flags;
}

} // namespace slipway::machine
