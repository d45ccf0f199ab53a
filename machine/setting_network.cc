// Names of interfaces go into file names of /proc/sys, hence what they may not hold.

#include "machine/setting_network.hh"

#include <algorithm>
#include <array>
#include <cstddef>

#include <fmt/ranges.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "machine/setting_values.hh"

namespace slipway::machine {
namespace {

constexpr std::size_t kLongestInterface = 15; // IFNAMSIZ without the NUL

bool is_interface(std::string_view name) {
    const bool printable = std::all_of(name.begin(), name.end(), [](char byte) {
        return byte > ' ' && byte < '\x7F' &&
               std::string_view("/:%").find(byte) == std::string_view::npos;
    });
    const bool number = name.find_first_not_of("0123456789") == name.npos;
    return !name.empty() && name.size() <= kLongestInterface && printable && !number &&
           name != "." && name != ".." && name != "all" && name != "default";
}

struct Pair {
    std::string host;
    std::string machine; ///< empty: not given
};

Pair parse_pair(std::string_view value) {
    const std::size_t colon = value.find(':');
    Pair pair{.host = parse_interface(value.substr(0, colon)), .machine = ""};
    if (colon != value.npos) {
        pair.machine = parse_interface(value.substr(colon + 1));
    }
    return pair;
}

std::uint16_t parse_port_number(std::string_view value) {
    const auto number = parse_count<std::uint16_t>(value);
    if (number == 0) {
        throw Error(Kind::InvalidArgument, "there is no port 0");
    }
    return number;
}

struct NetworkWord {
    std::string_view word;
    Network network;
    std::string (*parse_of)(std::string_view); ///< nothing: takes no name
};

constexpr std::array kNetworks{
    NetworkWord{"none", Network::None, nullptr},
    NetworkWord{"host", Network::Host, nullptr},
    NetworkWord{"user", Network::User, nullptr},
    NetworkWord{"veth", Network::Veth, nullptr},
    NetworkWord{"nat", Network::Nat, nullptr},
    NetworkWord{"bridge", Network::Bridge, parse_interface},
    NetworkWord{"zone", Network::Zone, parse_zone},
    NetworkWord{"macvlan", Network::Macvlan, parse_interface},
    NetworkWord{"interface", Network::Interface, parse_interface},
};

} // namespace

std::string parse_interface(std::string_view value) {
    if (!is_interface(value)) {
        throw Error(Kind::InvalidArgument, "{} is no name of a network interface", quoted(value));
    }
    return std::string(value);
}

std::string parse_zone(std::string_view value) {
    if (!is_interface("vz-" + std::string(value)) || value.empty()) {
        throw Error(Kind::InvalidArgument, "{} is no name of a zone; expected at most 12 letters",
                    quoted(value));
    }
    return std::string(value);
}

std::vector<HostLink> parse_host_links(std::string_view value, HostLink::Kind kind) {
    std::vector<HostLink> links;
    for (const std::string& word : parse_words(value)) {
        const Pair pair = parse_pair(word);
        links.push_back({.kind = kind, .host = pair.host, .machine = pair.machine});
    }
    return links;
}

std::string parse_extra_veth(std::string_view value) {
    const Pair pair = parse_pair(value);
    return pair.host + ":" + (pair.machine.empty() ? pair.host : pair.machine);
}

Port parse_port(std::string_view value) {
    Port port{.protocol = "tcp", .host = 0, .machine = 0};
    const std::string_view first = value.substr(0, value.find(':'));
    std::string_view numbers = value;
    if (first == "tcp" || first == "udp") {
        port.protocol = first;
        numbers.remove_prefix(std::min(first.size() + 1, numbers.size()));
    }
    const std::size_t colon = numbers.find(':');
    port.host = parse_port_number(numbers.substr(0, colon));
    port.machine = colon == numbers.npos ? port.host : parse_port_number(numbers.substr(colon + 1));
    return port;
}

NetworkChoice parse_network(std::string_view value) {
    const std::size_t colon = value.find(':');
    for (const NetworkWord& known : kNetworks) {
        const bool takes_name = known.parse_of != nullptr;
        if (known.word == value.substr(0, colon) && takes_name == (colon != value.npos)) {
            return {.network = known.network,
                    .of = takes_name ? known.parse_of(value.substr(colon + 1)) : ""};
        }
    }
    throw Error(Kind::InvalidArgument,
                "{}; expected none, host, user, veth, nat, bridge:NAME, zone:NAME, macvlan:NAME or "
                "interface:NAME",
                quoted(value));
}

} // namespace slipway::machine
