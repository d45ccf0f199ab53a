// The rules are settings_private_network() and settings_network_veth() of systemd-nspawn; what
// these resolve silently is refused.

#include "machine/network_words.hh"

#include "base/error.hh"

namespace slipway::machine {
namespace {

void check_words(const NetworkWords& words, bool needs_own) {
    if (words.bridge && words.zone) {
        throw Error(Kind::InvalidArgument, "Bridge= and Zone= exclude each other");
    }
    if (words.veth == false && (words.bridge || words.zone)) {
        throw Error(Kind::InvalidArgument, "VirtualEthernet=no excludes Bridge= and Zone=");
    }
    if (words.is_private == false && needs_own) {
        throw Error(Kind::InvalidArgument,
                    "Private=no excludes the other settings of [Network], which need a network of "
                    "the machine's own");
    }
}

} // namespace

void set_network(Settings& settings, const NetworkWords& words) {
    const bool links = !settings.host_links.empty() || !settings.extra_veths.empty();
    const bool needs_own = links || words.bridge || words.zone || words.veth == true;
    check_words(words, needs_own);
    if (words.bridge) {
        settings.network = Network::Bridge;
        settings.network_of = *words.bridge;
    } else if (words.zone) {
        settings.network = Network::Zone;
        settings.network_of = *words.zone;
    } else if (words.veth == true) {
        settings.network = Network::Veth;
    } else if (words.is_private == true || links) {
        settings.network = Network::None;
    } else if (words.is_private || words.veth) {
        settings.network = Network::Host;
    }
}

} // namespace slipway::machine
