// Without a service manager the engine has to be told so twice (--register=no and --keep-unit, or
// it asks the bus for a scope), and gets a cgroup of its own: it makes supervisor/ and payload/ in
// the one that it was started in, where two machines would share them, and leaves them behind.

#include "machine/nspawn_direct.hh"

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/launch_leftovers.hh"
#include "machine/nspawn_arguments.hh"

namespace slipway::machine {
namespace {

bool is_disk(const MachineSpec& spec) {
    return spec.type == storage::ImageType::Raw || spec.type == storage::ImageType::Block;
}

bool is_only_read(const MachineSpec& spec) {
    return spec.read_only || spec.is_volatile != Volatile::No;
}

// The engine's own --image= waits for udev, which is not there.
void plan_mount(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    if (host.dissect.empty()) {
        throw Error(Kind::Unsupported,
                    "the image {} is a disk, and systemd-dissect, which mounts it, is not "
                    "installed; install the package systemd-container",
                    quoted(spec.image));
    }
    plan.mount = host.machines / spec.name / "root";
    plan.mount_arguments = {host.dissect.native(), "--mount", "--mkdir"};
    if (is_only_read(spec)) {
        plan.mount_arguments.emplace_back("--read-only");
    }
    if (!spec.root_hash.empty()) {
        plan.mount_arguments.push_back("--root-hash=" + spec.root_hash);
    }
    plan.mount_arguments.push_back(plan.root.native());
    plan.mount_arguments.push_back(plan.mount.native());
    plan.undo.push_back({.kind = Undo::Kind::RemoveDirectory, .what = plan.mount.native()});
    plan.undo.push_back({.kind = Undo::Kind::Unmount, .what = plan.mount.native()});
}

void plan_environment(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    plan.environment = {"NOTIFY_SOCKET=" + (host.machines / spec.name / "notify").native(),
                        "SYSTEMD_NSPAWN_LOCK=0"}; // the supervisor holds the image's lock
    if (!host.is_unified_cgroup) {
        // A guest of systemd 258 and later refuses what it would see of a hybrid host otherwise.
        plan.environment.emplace_back("SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1");
    }
}

void plan_arguments(LaunchPlan& plan, const MachineSpec& spec, const HostFacts& host) {
    auto& words = plan.arguments;
    const auto add = [&](const std::vector<std::string>& more) {
        words.insert(words.end(), more.begin(), more.end());
    };
    words = {host.nspawn.native(), "--quiet", "--register=no", "--keep-unit",
             "--directory=" + (plan.mount.empty() ? plan.root : plan.mount).native()};
    add(nspawn_flags(spec, {}));
    add(plan_credentials(plan, spec, host));
    add(nspawn_command(spec));
}

} // namespace

LaunchPlan plan_nspawn_direct(const MachineSpec& spec, const HostFacts& host) {
    LaunchPlan plan;
    plan.engine = EngineKind::NspawnDirect;
    plan.root = spec.ephemeral ? spec.clone : spec.root;
    plan.shares_lock = is_only_read(spec);
    if (spec.ephemeral) {
        plan.clone_of = spec.root;
        plan.undo.push_back({.kind = Undo::Kind::RemoveImage, .what = spec.clone.native()});
    }
    if (is_disk(spec)) {
        plan_mount(plan, spec, host);
    }
    plan_environment(plan, spec, host);
    // The engine leaves this one behind where /run is no tmpfs.
    plan.undo.push_back({.kind = Undo::Kind::RemoveDirectory,
                         .what = "/run/systemd/nspawn/propagate/" + spec.name});
    plan_arguments(plan, spec, host);
    plan_network(plan, spec, host);
    // The engine's own flags wait for udev.
    plan.moved_links = links_of(spec);
    plan_cgroups(plan, spec, host);
    return plan;
}

} // namespace slipway::machine
