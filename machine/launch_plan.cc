// What holds for every engine is checked here; what each is asked for is in a file of its own.

#include "machine/launch_plan.hh"

#include <array>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/nspawn_direct.hh"
#include "machine/nspawn_unit.hh"

namespace slipway::machine {
namespace {

constexpr unsigned kOldestVersion = 249; // the first with --private-users-ownership=
constexpr std::array kEngines{EngineKind::NspawnUnit, EngineKind::NspawnDirect};

void check_engine(const HostFacts& host, EngineKind engine) {
    if (host.nspawn.empty()) {
        throw Error(Kind::Unsupported, "systemd-nspawn, which runs machines, is not installed; "
                                       "install the package systemd-container");
    }
    if (host.systemd_version < kOldestVersion) {
        throw Error(Kind::Unsupported, "systemd-nspawn is of version {}; machines need {} or newer",
                    host.systemd_version, kOldestVersion);
    }
    if (engine == EngineKind::NspawnUnit && !host.runs_systemd) {
        throw Error(Kind::Unsupported,
                    "the engine nspawn-unit needs systemd as the host's first process, which is "
                    "another here; use --engine=nspawn-direct");
    }
}

// The engine would give the files of the image to other owners, or fail half-way.
void check_users(const MachineSpec& spec, const HostFacts& host) {
    if (!shifts_users(spec)) {
        return;
    }
    if (spec.is_volatile == Volatile::Yes) {
        throw Error(Kind::Unsupported,
                    "systemd-nspawn cannot give private users to a machine with --volatile=yes; "
                    "use --volatile=overlay, or --private-users=no");
    }
    const bool maps = spec.ownership == Ownership::Map && spec.is_volatile != Volatile::Overlay;
    if (maps && !host.can_map_ids) {
        throw Error(Kind::Unsupported,
                    "the file system of the image {} cannot map owners, which private users need; "
                    "nothing was started. Use --volatile=overlay or --private-users=no",
                    quoted(spec.image));
    }
}

// The engine leaves the image's servers be in a network of its own; with the host's way out, the
// host's can be asked.
void choose_name_servers(MachineSpec& spec, const HostFacts& host) {
    if (spec.network == Network::Nat && spec.resolv_conf.empty()) {
        spec.resolv_conf = host.has_resolved ? "bind-uplink" : "bind-host";
    }
}

LaunchPlan plan_engine(const MachineSpec& spec, const HostFacts& host, EngineKind engine) {
    return engine == EngineKind::NspawnUnit ? plan_nspawn_unit(spec, host)
                                            : plan_nspawn_direct(spec, host);
}

} // namespace

std::string_view word(EngineKind engine) noexcept {
    return engine == EngineKind::NspawnUnit ? "nspawn-unit" : "nspawn-direct";
}

EngineKind parse_engine(std::string_view text) {
    for (const EngineKind engine : kEngines) {
        if (word(engine) == text) {
            return engine;
        }
    }
    throw Error(Kind::InvalidArgument,
                "there is no engine {}; expected nspawn-unit or nspawn-direct", quoted(text));
}

LaunchPlan plan_launch(MachineSpec spec, const HostFacts& host, EngineKind engine) {
    check_engine(host, engine);
    check_users(spec, host);
    if (spec.ephemeral && spec.clone.empty()) {
        throw Error(Kind::InvalidArgument, "the ephemeral machine {} has no clone to run",
                    quoted(spec.name));
    }
    choose_name_servers(spec, host);
    LaunchPlan plan = plan_engine(spec, host, engine);
    plan.machine = spec.name;
    plan.image = spec.image;
    plan.poweroff_signal = spec.kill_signal;
    plan.passes_descriptors = spec.console == Console::Pipe;
    plan.boots = spec.mode == Mode::Boot;
    return plan;
}

EngineKind choose_engine(const HostFacts& host) {
    const EngineKind engine = host.runs_systemd ? EngineKind::NspawnUnit : EngineKind::NspawnDirect;
    check_engine(host, engine);
    return engine;
}

} // namespace slipway::machine
