// Flags, which mean what the setting in a file means.

#include "base/error.hh"
#include "machine/setting_flags.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

using Words = std::vector<std::string>;
using Flags = std::vector<std::pair<std::string_view, std::string_view>>;

Settings said(const Flags& flags, std::string_view network = "") {
    SettingFlags said;
    for (const auto& [flag, value] : flags) {
        say(said, flag, value);
    }
    if (!network.empty()) {
        said.network = parse_network(network);
    }
    return settings_of(said);
}

Settings written(std::string_view text) {
    return read_settings(text, "/etc/systemd/nspawn/web.nspawn", Trust::Full).settings;
}

} // namespace

TEST_CASE("a flag says what the same setting says in a file", "[machine]") {
    CHECK(said({{"--boot", ""}, {"--ephemeral", ""}, {"--read-only", ""}, {"--volatile", ""}}) ==
          written("[Exec]\nBoot=yes\nEphemeral=yes\n[Files]\nReadOnly=yes\nVolatile=yes\n"));
    CHECK(said({{"--private-users", ""}}) == written("[Exec]\nPrivateUsers=pick\n"));
    CHECK(said({{"--private-users", "65536:1000"}, {"--private-users-ownership", "off"}}) ==
          written("[Exec]\nPrivateUsers=65536:1000\n[Files]\nPrivateUsersOwnership=off\n"));
    CHECK(said({{"--bind", "/a:/b:rbind"}, {"--bind-ro", "/c"}, {"--overlay", "/a::/b"}}) ==
          written("[Files]\nBind=/a:/b:rbind\nBindReadOnly=/c\nOverlay=/a::/b\n"));
    CHECK(
        said({{"--network-bridge", "br0"}, {"--network-macvlan", "eth0:lan"}, {"--port", "80"}}) ==
        written("[Network]\nBridge=br0\nMACVLAN=eth0:lan\nPort=80\n"));
    CHECK(said({{"--private-network", ""}}).network == Network::None);
    CHECK(said({}) == Settings());
}

TEST_CASE("on a command line a variable is one word, whatever it holds", "[machine]") {
    const Settings settings = said({{"--setenv", "A=b 'c' D=e"}, {"--setenv", "F="}});
    CHECK(settings.environment ==
          std::map<std::string, std::string>{{"A", "b 'c' D=e"}, {"F", ""}});
    CHECK_THROWS_AS(said({{"--setenv", "A"}}), Error);
}

TEST_CASE("on a command line capabilities are parted by commas", "[machine]") {
    CHECK(said({{"--capability", "CAP_KILL,cap_mknod"}, {"--capability", "CAP_CHOWN"}})
              .add_capabilities == Words{"CAP_KILL", "CAP_MKNOD", "CAP_CHOWN"});
    CHECK(said({{"--drop-capability", "CAP_KILL,CAP_CHOWN"}}).drop_capabilities ==
          Words{"CAP_KILL", "CAP_CHOWN"});
}

TEST_CASE("on a command line a limit names its resource", "[machine]") {
    CHECK(said({{"--rlimit", "RLIMIT_NOFILE=512:1024"}, {"--rlimit", "CPU=infinity"}}) ==
          written("[Exec]\nLimitNOFILE=512:1024\nLimitCPU=infinity\n"));
    CHECK_THROWS_AS(said({{"--rlimit", "NOFILE"}}), Error);
    CHECK_THROWS_AS(said({{"--rlimit", "COFFEE=1"}}), Error);
    CHECK_THROWS_AS(said({{"--rlimit", "NOFILE=much"}}), Error);
}

TEST_CASE("--network= says all of the network, and adds to nothing", "[machine]") {
    CHECK(said({}, "nat").network == Network::Nat);
    const Settings bridged = said({{"--network-veth-extra", "a:b"}}, "bridge:br0");
    CHECK(bridged.network == Network::Bridge);
    CHECK(bridged.network_of == "br0");
    CHECK(bridged.extra_veths == Words{"a:b"});
    CHECK_THROWS_AS(said({{"--network-veth", ""}}, "none"), Error);
    CHECK_THROWS_AS(said({{"--network-interface", "eth0"}}, "host"), Error);
    CHECK_THROWS_AS(said({{"--network-bridge", "a"}, {"--network-zone", "b"}}), Error);
}

TEST_CASE("a credential that is none is not repeated in the error", "[machine]") {
    SettingFlags flags;
    say_credential(flags, "password:a:b=c ");
    CHECK(settings_of(flags).credentials ==
          std::map<std::string, std::string>{{"password", "a:b=c "}});
    try {
        say_credential(flags, "swordfish");
        FAIL("it was taken");
    } catch (const Error& error) {
        CHECK(std::string(error.what()).find("swordfish") == std::string::npos);
    }
}
