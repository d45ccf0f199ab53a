// A flag's value goes to the setter of its setting; here is what a command line writes in another
// way than a file.

#include "machine/setting_flags.hh"

#include <algorithm>
#include <string>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/setting_values.hh"

namespace slipway::machine {
namespace {

const SettingSpec& spec_of(std::string_view flag) {
    const auto table = setting_table();
    const auto found = std::find_if(table.begin(), table.end(),
                                    [&](const SettingSpec& spec) { return spec.flag == flag; });
    if (found == table.end()) {
        throw Error(Kind::Internal, "no setting has the flag {}", quoted(flag));
    }
    return *found;
}

void say_limit(SettingsDraft& draft, std::string_view value) {
    const std::size_t equals = value.find('=');
    std::string_view name = value.substr(0, equals);
    name.remove_prefix(name.starts_with("RLIMIT_") ? 7 : 0);
    const SettingSpec* spec = find_setting("Exec", "Limit" + std::string(name));
    if (equals == value.npos || spec == nullptr) {
        throw Error(Kind::InvalidArgument,
                    "{}; expected a resource and its limits, as in NOFILE=512:1024", quoted(value));
    }
    spec->set(draft, spec->name, value.substr(equals + 1));
}

} // namespace

void say(SettingFlags& said, std::string_view flag, std::string_view value) {
    if (flag == "--rlimit") {
        say_limit(said.draft, value);
        return;
    }
    const SettingSpec& spec = spec_of(flag);
    if (flag == "--setenv") {
        const auto [name, text] = parse_assignment(value);
        said.draft.settings.environment[name] = text;
        return;
    }
    std::string text(value.empty() ? "yes" : value);
    if (flag.ends_with("capability")) {
        std::replace(text.begin(), text.end(), ',', ' ');
    }
    spec.set(said.draft, spec.name, text);
}

void say_credential(SettingFlags& said, std::string_view value) {
    const std::size_t colon = value.find(':');
    if (colon == value.npos || colon == 0) {
        throw Error(Kind::InvalidArgument, "expected NAME:VALUE"); // it may be a secret
    }
    said.draft.settings.credentials[std::string(value.substr(0, colon))] = value.substr(colon + 1);
}

Settings settings_of(const SettingFlags& said) {
    Settings settings = said.draft.settings;
    if (!said.network) {
        set_network(settings, said.draft.network);
        return settings;
    }
    if (said.draft.network != NetworkWords()) {
        throw Error(Kind::InvalidArgument,
                    "--network= says all of a machine's network; leave out --private-network, "
                    "--network-veth, --network-bridge= and --network-zone=");
    }
    const bool adds = !settings.host_links.empty() || !settings.extra_veths.empty();
    if (said.network->network == Network::Host && adds) {
        throw Error(Kind::InvalidArgument, "--network=host is the host's own network, which gets "
                                           "no further interfaces");
    }
    settings.network = said.network->network;
    settings.network_of = said.network->of;
    return settings;
}

} // namespace slipway::machine
