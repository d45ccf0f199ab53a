// The engine makes the link and leaves both ends down (networkd would serve them):
// "ve-NAME" here, "host0" in the machine.

#include "spawn/machine_network.hh"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/address_translation.hh"
#include "spawn/enter.hh"
#include "spawn/machine_subnet.hh"
#include "spawn/netlink.hh"

namespace slipway::spawn {
namespace {

// Held from the look at what is taken until it is taken.
Fd lock_addresses(const std::filesystem::path& machines) {
    Fd directory(::open(machines.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!directory || ::flock(directory.get(), LOCK_EX) < 0) {
        throw errno_error("cannot lock {}", quoted(machines.string()));
    }
    return directory;
}

Subnet set_addresses(const machine::LaunchPlan& plan, int leader,
                     const std::filesystem::path& machines) {
    const Netlink host;
    const Netlink machine(leader);
    const std::optional<Link> inner = machine.find("host0");
    if (!inner) {
        throw Error(Kind::Internal, "machine {} has no link to the host", quoted(plan.machine));
    }
    const Fd lock = lock_addresses(machines);
    const Subnet subnet = choose_subnet(plan.machine, host.routes());
    host.set_up(inner->peer);
    host.add_address(inner->peer, host_address(subnet), subnet.prefix);
    machine.set_up(inner->index);
    machine.add_address(inner->index, machine_address(subnet), subnet.prefix);
    machine.add_default_route(inner->index, host_address(subnet));
    return subnet;
}

// networkd takes away addresses that it was not told of, and waits for a lease. It starts some time
// after the machine's first process.
void tell_networkd(const Guest& guest, const Subnet& subnet) {
    if (guest.why_not_run("/usr/lib/systemd/systemd-networkd") != 0 &&
        guest.why_not_run("/lib/systemd/systemd-networkd") != 0) {
        return;
    }
    const std::string text = fmt::format("[Match]\n"
                                         "Name=host0\n"
                                         "\n"
                                         "[Network]\n"
                                         "Address={}/{}\n"
                                         "Gateway={}\n",
                                         address_text(machine_address(subnet)), subnet.prefix,
                                         address_text(host_address(subnet)));
    const int status = wait_for_status(fork_with([&] {
        join(guest, CLONE_NEWNS);
        ::umask(022);
        ::mkdir("/run/systemd", 0755);
        ::mkdir("/run/systemd/network", 0755);
        const Fd file(::open("/run/systemd/network/10-slipway-host0.network",
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
        if (!file) {
            throw errno_error("cannot make a file in /run/systemd/network");
        }
        write_all(file.get(), text);
        return 0;
    }));
    if (status != 0) {
        throw Error(Kind::Other, "cannot tell the address of machine {} to its systemd-networkd",
                    quoted(guest.record().name));
    }
}

const std::string& table_of(const machine::LaunchPlan& plan) {
    for (const machine::Undo& step : plan.undo) {
        if (step.kind == machine::Undo::Kind::RemoveTable) {
            return step.what;
        }
    }
    throw Error(Kind::Internal, "the plan of machine {} masquerades by no table",
                quoted(plan.machine));
}

} // namespace

void set_up_network(const machine::LaunchPlan& plan, const MachineRecord& record,
                    const std::filesystem::path& machines) {
    if (!plan.bridge.empty()) {
        const Netlink host;
        if (plan.makes_bridge) {
            host.make_bridge(plan.bridge);
        }
        host.put_on_bridge(plan.link, plan.bridge);
    }
    if (plan.moved_links.empty() && !plan.sets_addresses) {
        return;
    }
    const Guest guest(record);
    for (const machine::HostLink& link : plan.moved_links) {
        Netlink().give(link, guest.leader());
    }
    if (plan.sets_addresses) {
        const Subnet subnet = set_addresses(plan, guest.pidfd(), machines);
        tell_networkd(guest, subnet);
        if (plan.masquerades) {
            masquerade(table_of(plan), subnet);
        }
    }
}

} // namespace slipway::spawn
