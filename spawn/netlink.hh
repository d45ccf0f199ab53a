// Network interfaces, their addresses and routes, over rtnetlink(7) by libnl. Addresses are IPv4,
// in the host's byte order.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "machine/machine_spec.hh"

struct nl_sock;

namespace slipway::spawn {

struct Subnet {
    std::uint32_t network = 0;
    unsigned prefix = 0; ///< bits
    bool operator==(const Subnet&) const = default;
};

/// "10.201.3.0/28".
std::string text_of(const Subnet& subnet);
/// "10.201.3.1".
std::string address_text(std::uint32_t address);
/// Nothing when it is none.
std::optional<std::uint32_t> parse_address(const std::string& text);
bool overlap(const Subnet& one, const Subnet& other) noexcept;

struct Link {
    int index = 0;
    int peer = 0; ///< of a veth: the index of its other end, in that one's namespace
};

/// One network namespace. Every function but the constructors throws Error with the kernel's
/// reason.
class Netlink {
public:
    /// Our own.
    Netlink();
    /// That of a process, which is joined for as long as it takes to open a socket there.
    /// @param pidfd  borrowed. Call it while there is one thread
    explicit Netlink(int pidfd);
    ~Netlink();
    Netlink(const Netlink&) = delete;
    Netlink& operator=(const Netlink&) = delete;

    std::optional<Link> find(const std::string& name) const;
    void set_up(int index) const;
    void add_address(int index, std::uint32_t address, unsigned prefix) const;
    /// Everything that has no route of its own goes to `gateway`.
    void add_default_route(int index, std::uint32_t gateway) const;
    /// Whether anything but a default route leads to it.
    bool has_route(std::uint32_t address) const;
    /// What there are routes to, in all tables, without default ones.
    std::vector<Subnet> routes() const;

    /// Makes a bridge and switches it on. One that is there already is fine.
    void make_bridge(const std::string& name) const;
    /// Makes the interface a port of the bridge, and switches it on.
    /// @throws Error NotFound: one of them is not there
    void put_on_bridge(const std::string& link, const std::string& bridge) const;

    /// Moves the interface into a process's namespace, or makes a new one there, on it.
    /// @throws Error NotFound: the host has none of this name
    void give(const machine::HostLink& link, pid_t process) const;

    /// By its name, or an alternative one where that is longer than names can be. One that is not
    /// there is fine.
    void remove(const std::string& name) const;
    /// A bridge that nothing is attached to; another one stays, and one that is not there is fine.
    void remove_unused_bridge(const std::string& name) const;

private:
    struct Close {
        void operator()(nl_sock* socket) const noexcept;
    };
    std::unique_ptr<nl_sock, Close> socket_;
};

} // namespace slipway::spawn
