// The engine makes the link and leaves both ends down (networkd would serve them):
// "ve-NAME" here, "host0" in the machine.

#include "spawn/machine_network.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "spawn/address_translation.hh"
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

Subnet set_addresses(const LaunchPlan& plan, int leader, const std::filesystem::path& machines) {
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

// Anybody in the machine may read it; the file stays the one that is bound there.
void tell_networkd(const std::filesystem::path& path, const Subnet& subnet) {
    const Fd file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW));
    if (!file || ::fchmod(file.get(), 0644) < 0) {
        throw errno_error("cannot write {}", quoted(path.string()));
    }
    write_all(file.get(), fmt::format("[Match]\n"
                                      "Name=host0\n"
                                      "\n"
                                      "[Network]\n"
                                      "Address={}/{}\n"
                                      "Gateway={}\n",
                                      address_text(machine_address(subnet)), subnet.prefix,
                                      address_text(host_address(subnet))));
}

const std::string& table_of(const LaunchPlan& plan) {
    for (const Undo& step : plan.undo) {
        if (step.kind == Undo::Kind::RemoveTable) {
            return step.what;
        }
    }
    throw Error(Kind::Internal, "the plan of machine {} masquerades by no table",
                quoted(plan.machine));
}

} // namespace

void set_up_network(const LaunchPlan& plan, const ProcessId& leader,
                    const std::filesystem::path& machines) {
    if (plan.moved_links.empty() && !plan.sets_addresses) {
        return;
    }
    const Fd process = open_process(leader);
    if (!process) {
        return; // it has ended, and its engine tells how
    }
    for (const HostLink& link : plan.moved_links) {
        Netlink().give(link, leader.pid);
    }
    if (plan.sets_addresses) {
        const Subnet subnet = set_addresses(plan, process.get(), machines);
        if (!plan.network_file.empty()) {
            tell_networkd(plan.network_file, subnet);
        }
        if (plan.masquerades) {
            masquerade(table_of(plan), subnet);
        }
    }
}

} // namespace slipway::spawn
