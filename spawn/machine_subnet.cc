// Places are tried in a circle, from where the name points to.

#include "spawn/machine_subnet.hh"

#include <algorithm>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/name_hash.hh"

namespace slipway::spawn {
namespace {

constexpr Subnet kRange{0x0AC9'0000, 16}; // 10.201.0.0/16
constexpr unsigned kPrefix = 28;
constexpr std::uint32_t kCount = 1U << (kPrefix - kRange.prefix);

} // namespace

Subnet choose_subnet(std::string_view machine, std::span<const Subnet> taken) {
    const std::uint32_t first = machine::name_hash(machine);
    for (std::uint32_t i = 0; i < kCount; ++i) {
        const std::uint32_t number = (first + i) % kCount;
        const Subnet subnet{kRange.network + (number << (32 - kPrefix)), kPrefix};
        const bool is_taken = std::any_of(taken.begin(), taken.end(), [&](const Subnet& other) {
            return overlap(subnet, other);
        });
        if (!is_taken) {
            return subnet;
        }
    }
    throw Error(Kind::Busy,
                "no addresses are left for machine {}: the host has routes to all of {}; use "
                "--network=none, host, or a bridge of yours",
                quoted(machine), text_of(kRange));
}

} // namespace slipway::spawn
