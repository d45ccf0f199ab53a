// The transient unit has the properties of the shipped template (systemd 252 to 257).

#include "machine/nspawn_unit.hh"

#include "machine/launch_leftovers.hh"
#include "machine/nspawn_arguments.hh"

namespace slipway::machine {
namespace {

constexpr unsigned kSubgroupVersion = 254; // the first with DelegateSubgroup=

// The template searches the pool for the machine's name. It does as we would, but for volatile
// machines, see nspawn_flags().
bool suits_template(const MachineSpec& spec, const HostFacts& host) {
    return !spec.is_special && spec.is_volatile == Volatile::No && spec.network != Network::Nat &&
           spec.name == spec.image && spec.type != storage::ImageType::Block &&
           spec.root.parent_path() == host.pool;
}

std::vector<std::string> unit_properties(const MachineSpec& spec, const HostFacts& host) {
    std::vector<std::string> properties{
        "Description=Machine " + spec.name,
        "CollectMode=inactive-or-failed", // a failed one does not keep its name
        "Type=notify",
        "Delegate=yes",
        "KillMode=mixed",
        "Slice=machine.slice",
        "TasksMax=16384",
        "WatchdogSec=3min",
        "TimeoutStartSec=infinity", // a machine that takes long to boot is not killed for it
        "DevicePolicy=closed",
        "DeviceAllow=/dev/net/tun rwm",
        "DeviceAllow=char-pts rw",
        "DeviceAllow=/dev/loop-control rw",
        "DeviceAllow=block-loop rw",
        "DeviceAllow=block-blkext rw",
        "DeviceAllow=/dev/mapper/control rw",
        "DeviceAllow=block-device-mapper rw",
        "RestartForceExitStatus=133",
        "SuccessExitStatus=133",
    };
    if (spec.type == storage::ImageType::Block) {
        properties.push_back("DeviceAllow=" + spec.root.native() + " rw");
    }
    if (host.systemd_version >= kSubgroupVersion) {
        properties.emplace_back("DelegateSubgroup=supervisor");
    }
    return properties;
}

std::vector<std::string> root_flags(const MachineSpec& spec) {
    const std::string root = spec.root.native();
    if (spec.type == storage::ImageType::Directory || spec.type == storage::ImageType::Subvolume) {
        return {"--directory=" + root};
    }
    std::vector<std::string> flags{"--image=" + root};
    if (!spec.root_hash.empty()) {
        flags.push_back("--root-hash=" + spec.root_hash);
    }
    return flags;
}

// Not where the supervisors of other machines have theirs: what lies there without a supervisor
// is cleaned up.
void plan_unit_credentials(LaunchPlan& plan, const MachineSpec& spec, HostFacts host) {
    host.machines = host.machines.parent_path() / "units";
    const std::vector<std::string> flags = plan_credentials(plan, spec, host);
    if (!flags.empty()) {
        plan.undo.push_back(
            {.kind = Undo::Kind::RemoveTree, .what = (host.machines / spec.name).native()});
    }
    plan.arguments.insert(plan.arguments.end(), flags.begin(), flags.end());
}

void plan_transient(LaunchPlan& plan, MachineSpec spec, const HostFacts& host) {
    if (spec.link_journal.empty()) {
        spec.link_journal = "try-guest"; // the template's
    }
    plan.unit = "slipway-nspawn-" + spec.name + ".service";
    plan.unit_properties = unit_properties(spec, host);
    if (!host.is_unified_cgroup) {
        plan.environment = {"SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1"};
    }
    auto& words = plan.arguments;
    const auto add = [&](const std::vector<std::string>& more) {
        words.insert(words.end(), more.begin(), more.end());
    };
    words = {host.nspawn.native(), "--quiet", "--keep-unit"};
    add(root_flags(spec));
    add(nspawn_flags(spec, links_of(spec)));
    plan_unit_credentials(plan, spec, host);
    add(nspawn_command(spec));
}

} // namespace

LaunchPlan plan_nspawn_unit(const MachineSpec& spec, const HostFacts& host) {
    LaunchPlan plan;
    plan.engine = EngineKind::NspawnUnit;
    plan.root = spec.root;
    if (suits_template(spec, host)) {
        plan.unit = "systemd-nspawn@" + spec.name + ".service";
    } else {
        plan_transient(plan, spec, host);
    }
    plan_network(plan, spec, host);
    // systemd ends every process of the unit, and the links go with the last.
    std::erase_if(plan.undo, [](const Undo& step) {
        return step.kind == Undo::Kind::RemoveLink || step.kind == Undo::Kind::RemoveBridge;
    });
    return plan;
}

} // namespace slipway::machine
