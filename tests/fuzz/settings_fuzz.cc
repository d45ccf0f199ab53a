// Any bytes as a .nspawn file that nobody vouches for: no crash, and the machine gets nothing of
// the host by it.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/error.hh"
#include "machine/launch_plan.hh"
#include "machine/merge.hh"
#include "machine/settings.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

void require(bool holds, const char* what) {
    if (!holds) {
        static_cast<void>(std::fprintf(stderr, "settings_fuzz: %s\n", what));
        std::abort();
    }
}

// What such a file may say, and nothing else of it.
Settings harmless_part(const Settings& said) {
    Settings part;
    part.mode = said.mode;
    part.as_pid2 = said.as_pid2;
    part.ephemeral = said.ephemeral;
    part.command = said.command;
    part.environment = said.environment;
    part.user = said.user;
    part.working_directory = said.working_directory;
    part.hostname = said.hostname;
    part.kill_signal = said.kill_signal;
    part.personality = said.personality;
    part.drop_capabilities = said.drop_capabilities;
    part.read_only = said.read_only;
    part.is_volatile = said.is_volatile;
    if (said.private_users == PrivateUsers::Pick) {
        part.private_users = said.private_users;
    }
    if (said.no_new_privileges == true) {
        part.no_new_privileges = true;
    }
    if (said.network == Network::None || said.network == Network::Veth) {
        part.network = said.network;
    }
    return part;
}

HostFacts some_host() {
    HostFacts host;
    host.nspawn = "/usr/bin/systemd-nspawn";
    host.systemd_version = 252;
    host.can_map_ids = true;
    host.cgroup_roots = {"/sys/fs/cgroup"};
    return host;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const SettingsFile file = read_settings(text, "/pool/web.nspawn", Trust::None);
    require(file.settings == harmless_part(file.settings), "a setting counts that must not");
    for (const IgnoredLine& ignored : file.ignored) {
        require(!ignored.reason.empty(), "a line is ignored without a reason");
    }
    try {
        MachineSpec image;
        image.name = image.image = "web";
        image.root = "/pool/web";
        image.clone = "/pool/.#clone";
        const MachineSpec spec = merge(image, {}, file);
        require(spec.network == Network::None || spec.network == Network::Veth,
                "the machine is in another network");
        require(spec.private_users == PrivateUsers::Pick, "the machine's users are the host's");
        for (const std::string& word :
             plan_launch(spec, some_host(), EngineKind::NspawnDirect).arguments) {
            require(!word.starts_with("--bind"), "the machine sees files of the host");
            if (word == "--") {
                break; // what follows is the machine's own
            }
        }
    } catch (const Error&) {
        // They exclude each other, or the host lacks what they need.
    }
    return 0;
}
