// What holds for every engine is checked here; what each is asked for is in a file of its own.

#include "machine/launch_plan.hh"

#include <array>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/nspawn_direct.hh"
#include "machine/nspawn_unit.hh"
#include "machine/qemu.hh"

namespace slipway::machine {
namespace {

constexpr unsigned kOldestVersion = 249; // the first with --private-users-ownership=
constexpr std::array kEngines{
    std::pair(EngineKind::NspawnUnit, std::string_view("nspawn-unit")),
    std::pair(EngineKind::NspawnDirect, std::string_view("nspawn-direct")),
    std::pair(EngineKind::Qemu, std::string_view("qemu"))};

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

void check_unit(const MachineSpec& spec) {
    if (needs_supervisor(spec)) {
        throw Error(Kind::Unsupported,
                    "the engine nspawn-unit runs neither ephemeral machines nor commands; nothing "
                    "was started. Use --engine=nspawn-direct");
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

LaunchPlan plan_container(MachineSpec spec, const HostFacts& host, EngineKind engine) {
    check_engine(host, engine);
    if (spec.network == Network::User) {
        throw Error(Kind::Unsupported, "the network 'user' is a virtual machine's; nothing was "
                                       "started. A container has --network=veth or nat");
    }
    if (spec.hardware != Hardware()) {
        throw Error(Kind::InvalidArgument,
                    "memory, processors, firmware and accelerator are a virtual machine's; nothing "
                    "was started. Leave them out, or use --engine=qemu");
    }
    if (engine == EngineKind::NspawnUnit) {
        check_unit(spec);
    }
    check_users(spec, host);
    if (spec.ephemeral && spec.clone.empty()) {
        throw Error(Kind::InvalidArgument, "the ephemeral machine {} has no clone to run",
                    quoted(spec.name));
    }
    choose_name_servers(spec, host);
    return engine == EngineKind::NspawnUnit ? plan_nspawn_unit(spec, host)
                                            : plan_nspawn_direct(spec, host);
}

} // namespace

std::string_view word(EngineKind engine) noexcept {
    return kEngines[static_cast<std::size_t>(engine)].second;
}

EngineKind parse_engine(std::string_view text) {
    for (const auto& [engine, name] : kEngines) {
        if (name == text) {
            return engine;
        }
    }
    throw Error(Kind::InvalidArgument,
                "there is no engine {}; expected nspawn-unit, nspawn-direct or qemu", quoted(text));
}

LaunchPlan plan_launch(const MachineSpec& spec, const HostFacts& host, EngineKind engine) {
    LaunchPlan plan =
        engine == EngineKind::Qemu ? plan_qemu(spec, host) : plan_container(spec, host, engine);
    plan.machine = spec.name;
    plan.image = spec.image;
    plan.poweroff_signal = spec.kill_signal;
    plan.passes_descriptors = spec.console == Console::Pipe;
    plan.boots = spec.mode == Mode::Boot;
    return plan;
}

bool needs_supervisor(const MachineSpec& spec) noexcept {
    return spec.ephemeral || spec.mode == Mode::Command;
}

EngineKind choose_engine(const MachineSpec& spec, const HostFacts& host) {
    const EngineKind engine = host.runs_systemd && !needs_supervisor(spec)
                                  ? EngineKind::NspawnUnit
                                  : EngineKind::NspawnDirect;
    check_engine(host, engine);
    return engine;
}

} // namespace slipway::machine
