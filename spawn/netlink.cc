// A request is sent and acknowledged; libnl's numbers of errors are turned into its words.

#include "spawn/netlink.hh"

#include <algorithm>
#include <array>
#include <cerrno>

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/ipvlan.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/route.h>
#include <sched.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

template <typename Object, void (*put)(Object*)>
struct Put {
    void operator()(Object* object) const noexcept { put(object); }
};
using LinkPtr = std::unique_ptr<rtnl_link, Put<rtnl_link, rtnl_link_put>>;
using AddressPtr = std::unique_ptr<nl_addr, Put<nl_addr, nl_addr_put>>;
using RoutePtr = std::unique_ptr<rtnl_route, Put<rtnl_route, rtnl_route_put>>;
using CachePtr = std::unique_ptr<nl_cache, Put<nl_cache, nl_cache_free>>;
using MessagePtr = std::unique_ptr<nl_msg, Put<nl_msg, nlmsg_free>>;

template <typename... Words>
void check(int error, fmt::format_string<Words...> what, Words&&... words) {
    if (error < 0) {
        throw Error(error == -NLE_PERM || error == -NLE_NOACCESS ? Kind::Denied : Kind::Other,
                    "cannot {}: {}", fmt::format(what, std::forward<Words>(words)...),
                    nl_geterror(error));
    }
}

nl_sock* open_socket() {
    nl_sock* socket = nl_socket_alloc();
    if (socket == nullptr) {
        throw std::bad_alloc();
    }
    if (const int error = nl_connect(socket, NETLINK_ROUTE); error < 0) {
        nl_socket_free(socket);
        check(error, "ask the kernel for network interfaces");
    }
    return socket;
}

AddressPtr make_address(std::uint32_t address, unsigned prefix) {
    const std::uint32_t bytes = htonl(address);
    AddressPtr made(nl_addr_build(AF_INET, &bytes, sizeof bytes));
    nl_addr_set_prefixlen(made.get(), static_cast<int>(prefix));
    return made;
}

// A machine of the host's network keeps running when we cannot come back, so we must not.
class Visit {
public:
    explicit Visit(int pidfd) : home_(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)) {
        if (!home_ || ::setns(pidfd, CLONE_NEWNET) < 0) {
            throw errno_error("cannot enter the machine's network");
        }
    }
    ~Visit() {
        if (::setns(home_.get(), CLONE_NEWNET) < 0) {
            std::abort();
        }
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

private:
    Fd home_;
};

// As systemd-nspawn makes them.
LinkPtr make_new_link(const machine::HostLink& asked, int parent) {
    LinkPtr made(asked.kind == machine::HostLink::Kind::Macvlan ? rtnl_link_macvlan_alloc()
                                                                : rtnl_link_ipvlan_alloc());
    rtnl_link_set_link(made.get(), parent);
    if (asked.kind == machine::HostLink::Kind::Macvlan) {
        rtnl_link_macvlan_set_mode(made.get(), rtnl_link_macvlan_str2mode("bridge"));
    } else {
        rtnl_link_ipvlan_set_mode(made.get(),
                                  static_cast<std::uint16_t>(rtnl_link_ipvlan_str2mode("l2")));
    }
    return made;
}

std::string name_in_machine(const machine::HostLink& link) {
    if (!link.machine.empty()) {
        return link.machine;
    }
    const std::string_view front = link.kind == machine::HostLink::Kind::Interface ? ""
                                   : link.kind == machine::HostLink::Kind::Macvlan ? "mv-"
                                                                                   : "iv-";
    return (std::string(front) + link.host).substr(0, IFNAMSIZ - 1);
}

} // namespace

std::string address_text(std::uint32_t address) {
    const std::uint32_t bytes = htonl(address);
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &bytes, text.data(), text.size());
    return text.data();
}

std::string text_of(const Subnet& subnet) {
    return fmt::format("{}/{}", address_text(subnet.network), subnet.prefix);
}

std::optional<std::uint32_t> parse_address(const std::string& text) {
    std::uint32_t bytes = 0;
    return ::inet_pton(AF_INET, text.c_str(), &bytes) == 1 ? std::optional(ntohl(bytes))
                                                           : std::nullopt;
}

bool overlap(const Subnet& one, const Subnet& other) noexcept {
    const unsigned shared = std::min(one.prefix, other.prefix);
    return shared == 0 || ((one.network ^ other.network) >> (32 - shared)) == 0;
}

void Netlink::Close::operator()(nl_sock* socket) const noexcept {
    nl_socket_free(socket);
}

Netlink::Netlink() : socket_(open_socket()) {}

Netlink::Netlink(int pidfd) {
    const Visit visit(pidfd);
    socket_.reset(open_socket());
}

Netlink::~Netlink() = default;

std::optional<Link> Netlink::find(const std::string& name) const {
    rtnl_link* found = nullptr;
    const int error = rtnl_link_get_kernel(socket_.get(), 0, name.c_str(), &found);
    if (error == -NLE_NODEV || error == -NLE_OBJ_NOTFOUND) {
        return std::nullopt;
    }
    check(error, "look for the network interface {}", quoted(name));
    const LinkPtr link(found);
    return Link{.index = rtnl_link_get_ifindex(found), .peer = rtnl_link_get_link(found)};
}

void Netlink::set_up(int index) const {
    const LinkPtr link(rtnl_link_alloc());
    const LinkPtr change(rtnl_link_alloc());
    rtnl_link_set_ifindex(link.get(), index);
    rtnl_link_set_flags(change.get(), IFF_UP);
    check(rtnl_link_change(socket_.get(), link.get(), change.get(), 0),
          "switch on network interface {}", index);
}

void Netlink::add_address(int index, std::uint32_t address, unsigned prefix) const {
    const std::unique_ptr<rtnl_addr, Put<rtnl_addr, rtnl_addr_put>> added(rtnl_addr_alloc());
    rtnl_addr_set_ifindex(added.get(), index);
    rtnl_addr_set_local(added.get(), make_address(address, prefix).get());
    // The networkd of 252 in a machine asks for the same address again and again without it.
    const std::uint32_t broadcast = address | (0xFFFF'FFFFU >> prefix);
    rtnl_addr_set_broadcast(added.get(), make_address(broadcast, 32).get());
    check(rtnl_addr_add(socket_.get(), added.get(), 0), "give network interface {} the address {}",
          index, address_text(address));
}

void Netlink::add_default_route(int index, std::uint32_t gateway) const {
    const RoutePtr route(rtnl_route_alloc());
    rtnl_route_set_family(route.get(), AF_INET);
    rtnl_route_set_table(route.get(), RT_TABLE_MAIN);
    rtnl_route_set_scope(route.get(), RT_SCOPE_UNIVERSE);
    rtnl_route_set_dst(route.get(), make_address(0, 0).get());
    rtnl_nexthop* hop = rtnl_route_nh_alloc();
    rtnl_route_nh_set_ifindex(hop, index);
    rtnl_route_nh_set_gateway(hop, make_address(gateway, 32).get());
    rtnl_route_add_nexthop(route.get(), hop); // takes it
    check(rtnl_route_add(socket_.get(), route.get(), 0), "route by {}", address_text(gateway));
}

std::vector<Subnet> Netlink::routes() const {
    nl_cache* filled = nullptr;
    check(rtnl_route_alloc_cache(socket_.get(), AF_INET, 0, &filled), "list routes");
    const CachePtr cache(filled);
    std::vector<Subnet> found;
    for (nl_object* one = nl_cache_get_first(filled); one != nullptr;
         one = nl_cache_get_next(one)) {
        nl_addr* to = rtnl_route_get_dst(reinterpret_cast<rtnl_route*>(one));
        if (to != nullptr && nl_addr_get_len(to) == 4 && nl_addr_get_prefixlen(to) > 0) {
            std::uint32_t bytes = 0;
            std::memcpy(&bytes, nl_addr_get_binary_addr(to), sizeof bytes);
            found.push_back({ntohl(bytes), nl_addr_get_prefixlen(to)});
        }
    }
    return found;
}

bool Netlink::has_route(std::uint32_t address) const {
    const std::vector<Subnet> all = routes();
    return std::any_of(all.begin(), all.end(), [&](const Subnet& one) {
        return overlap(one, {.network = address, .prefix = 32});
    });
}

void Netlink::make_bridge(const std::string& name) const {
    const LinkPtr made(rtnl_link_bridge_alloc());
    rtnl_link_set_name(made.get(), name.c_str());
    rtnl_link_set_flags(made.get(), IFF_UP);
    const int error = rtnl_link_add(socket_.get(), made.get(), NLM_F_CREATE | NLM_F_EXCL);
    if (error != -NLE_EXIST) {
        check(error, "make the bridge {}", quoted(name));
    }
}

void Netlink::put_on_bridge(const std::string& link, const std::string& bridge) const {
    const std::optional<Link> port = find(link);
    const std::optional<Link> master = find(bridge);
    if (!port || !master) {
        throw Error(Kind::NotFound, "the host has no {} {} for the machine",
                    master ? "network interface" : "bridge", quoted(master ? link : bridge));
    }
    const LinkPtr old(rtnl_link_alloc());
    const LinkPtr change(rtnl_link_alloc());
    rtnl_link_set_ifindex(old.get(), port->index);
    rtnl_link_set_master(change.get(), master->index);
    rtnl_link_set_flags(change.get(), IFF_UP);
    check(rtnl_link_change(socket_.get(), old.get(), change.get(), 0),
          "put the network interface {} on the bridge {}", quoted(link), quoted(bridge));
}

void Netlink::give(const machine::HostLink& asked, pid_t process) const {
    const std::optional<Link> host = find(asked.host);
    if (!host) {
        throw Error(Kind::NotFound, "the host has no network interface {} for the machine",
                    quoted(asked.host));
    }
    const std::string name = name_in_machine(asked);
    if (asked.kind == machine::HostLink::Kind::Interface) {
        const LinkPtr link(rtnl_link_alloc());
        const LinkPtr change(rtnl_link_alloc());
        rtnl_link_set_ifindex(link.get(), host->index);
        rtnl_link_set_name(change.get(), name.c_str());
        rtnl_link_set_ns_pid(change.get(), process);
        check(rtnl_link_change(socket_.get(), link.get(), change.get(), 0),
              "give the machine the network interface {}", quoted(asked.host));
        return;
    }
    const LinkPtr made = make_new_link(asked, host->index);
    rtnl_link_set_name(made.get(), name.c_str());
    rtnl_link_set_ns_pid(made.get(), process);
    check(rtnl_link_add(socket_.get(), made.get(), NLM_F_CREATE | NLM_F_EXCL),
          "make a network interface of the machine's on {}", quoted(asked.host));
}

// rtnl_link_delete() knows no alternative names.
void Netlink::remove(const std::string& name) const {
    const MessagePtr message(nlmsg_alloc_simple(RTM_DELLINK, 0));
    ifinfomsg link{};
    const int kind = name.size() < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME;
    check(nlmsg_append(message.get(), &link, sizeof link, NLMSG_ALIGNTO), "ask for a removal");
    check(nla_put_string(message.get(), kind, name.c_str()), "ask for a removal");
    nl_complete_msg(socket_.get(), message.get());
    check(nl_send(socket_.get(), message.get()), "ask for a removal");
    const int error = nl_wait_for_ack(socket_.get());
    if (error != -NLE_NODEV && error != -NLE_OBJ_NOTFOUND) {
        check(error, "remove the network interface {}", quoted(name));
    }
}

void Netlink::remove_unused_bridge(const std::string& name) const {
    const std::optional<Link> bridge = find(name);
    if (!bridge) {
        return;
    }
    nl_cache* filled = nullptr;
    check(rtnl_link_alloc_cache(socket_.get(), AF_UNSPEC, &filled), "list network interfaces");
    const CachePtr cache(filled);
    for (nl_object* one = nl_cache_get_first(filled); one != nullptr;
         one = nl_cache_get_next(one)) {
        if (rtnl_link_get_master(reinterpret_cast<rtnl_link*>(one)) == bridge->index) {
            return;
        }
    }
    remove(name);
}

} // namespace slipway::spawn
