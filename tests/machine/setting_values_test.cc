// Values of settings: what is taken, as what, and what is refused.

#include "base/error.hh"
#include "machine/setting_mounts.hh"
#include "machine/setting_network.hh"
#include "machine/setting_values.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

namespace {

using Words = std::vector<std::string>;

template <typename Parse>
void check_refused(Parse parse, std::initializer_list<const char*> values) {
    for (const char* value : values) {
        INFO(value);
        CHECK_THROWS_AS(parse(value), Error);
    }
}

} // namespace

TEST_CASE("words are held together by quotes of either kind", "[machine]") {
    CHECK(parse_words(" a  \"b c\" d'e f'g \"\" \\n") == Words{"a", "b c", "de fg", "", "\\n"});
    CHECK(parse_words("").empty());
    check_refused(parse_words, {"'a", "a \"b"});
}

TEST_CASE("a variable needs a name and a value", "[machine]") {
    CHECK(parse_assignment("A_1=b=c") == std::pair<std::string, std::string>("A_1", "b=c"));
    CHECK(parse_assignment("A=").second.empty());
    // "HOME" alone would be the variable of the host.
    check_refused(parse_assignment, {"HOME", "=a", "1A=b", "A B=c", "A-B=c"});
}

TEST_CASE("paths are absolute and do not turn", "[machine]") {
    CHECK(parse_absolute_path("/a/b c") == "/a/b c");
    check_refused(parse_absolute_path, {"", "a", "/a/../b", "/./a", "../a"});
}

TEST_CASE("host names are those of systemd", "[machine]") {
    for (const char* name : {"a", "a-b.c_d", "A9"}) {
        INFO(name);
        CHECK(is_host_name(name));
    }
    for (const char* name : {"", "-a", "a-", "a..b", ".a", "a.", "a b", "ä", "a/b"}) {
        INFO(name);
        CHECK_FALSE(is_host_name(name));
    }
    CHECK(is_host_name(std::string(64, 'a')));
    CHECK_FALSE(is_host_name(std::string(65, 'a')));
}

TEST_CASE("capabilities, signals, limits and their like are checked", "[machine]") {
    CHECK(parse_capabilities("cap_net_admin all") == Words{"CAP_NET_ADMIN", "all"});
    check_refused(parse_capabilities, {"NET_ADMIN", "CAP_", "CAP_A,CAP_B", "--boot"});
    CHECK(parse_signal_name("SIGRTMIN+3") == "SIGRTMIN+3");
    CHECK(parse_signal_name("TERM") == "SIGTERM");
    check_refused(parse_signal_name,
                  {"", "SIG", "NONSENSE", "RTMIN-1", "RTMIN+", "RTMIN+123", "9x"});
    CHECK(parse_machine_id("5C1F3A57-0d6f-4c52-9c06-0123456789ab") ==
          "5c1f3a570d6f4c529c060123456789ab");
    check_refused(parse_machine_id, {"", "0", "00000000000000000000000000000000", "x"});
    CHECK(parse_limit("512:infinity") == "512:infinity");
    CHECK(parse_limit("1G") == "1G");
    CHECK(parse_limit("-5") == "-5");
    check_refused(parse_limit, {"", ":", "1:", "a", "1 2", "-"});
    CHECK(parse_oom_score("-1000") == -1000);
    check_refused(parse_oom_score, {"1001", "-1001", "x", ""});
    CHECK(parse_cpu_list("0-3 5,7") == "0-3 5,7");
    check_refused(parse_cpu_list, {"", "a", "-"});
    check_refused(parse_user, {"", "-a", "a b", "a/b", "a:b"});
    check_refused(parse_personality, {"", "x86 64", "X"});
}

TEST_CASE("lists of system calls keep whether they permit or forbid", "[machine]") {
    CHECK(parse_system_calls("@mount  bpf") == "@mount bpf");
    CHECK(parse_system_calls("~@mount") == "~@mount");
    check_refused(parse_system_calls, {"", "~", "@", "a;b", "A"});
}

TEST_CASE("private users are picked, none, the same, or a range", "[machine]") {
    using Users = std::pair<PrivateUsers, UserRange>;
    CHECK(parse_private_users("yes") == Users(PrivateUsers::Pick, {}));
    CHECK(parse_private_users("pick") == Users(PrivateUsers::Pick, {}));
    CHECK(parse_private_users("0") == Users(PrivateUsers::No, {}));
    CHECK(parse_private_users("identity") == Users(PrivateUsers::Identity, {}));
    CHECK(parse_private_users("65536") == Users(PrivateUsers::Range, {.base = 65536}));
    CHECK(parse_private_users("131072:1000") ==
          Users(PrivateUsers::Range, {.base = 131072, .count = 1000}));
    check_refused(parse_private_users, {"", "maybe", "65536:0", "4294967295:2", "65536:x"});
    CHECK(parse_ownership("auto") == Ownership::Map);
}

TEST_CASE("mounts come apart at their colons, but not at escaped ones", "[machine]") {
    CHECK(parse_bind("/a") == BindMount{.source = "/a", .target = "/a", .options = ""});
    CHECK(parse_bind("/a\\:b:/c:rbind,idmap") ==
          BindMount{.source = "/a:b", .target = "/c", .options = "rbind,idmap"});
    CHECK(parse_bind("+/a") == BindMount{.source = "+/a", .target = "/a", .options = ""});
    CHECK(parse_bind(":/c") == BindMount{.source = "", .target = "/c", .options = ""});
    check_refused(parse_bind, {"", "a", "/a:b", "/a:/b:c:d", "/a/../b", "+a"});
    CHECK(parse_overlay("/l:/u") == OverlayMount{.layers = {"/l", "/u"}, .target = "/u"});
    CHECK(parse_overlay("+/l::/t") == OverlayMount{.layers = {"+/l", ""}, .target = "/t"});
    check_refused(parse_overlay, {"", "/a", "/a:", "a:/b"});
    CHECK(join_parts({"/a:b", "/c\\d"}) == "/a\\:b:/c\\\\d");
    check_refused(parse_temporary_file_system, {"", "a", ":size=1"});
    check_refused(parse_pivot_root, {"", "a", "/a:b", "/a:/b:/c"});
}

TEST_CASE("interfaces, zones and ports have their forms", "[machine]") {
    check_refused(parse_interface,
                  {"", ".", "..", "all", "default", "a/b", "a:b", "a b", "12", "sixteen-letters-"});
    check_refused(parse_zone, {"", "thirteen-char"});
    CHECK(parse_host_links("eth0 eth1:lan", HostLink::Kind::Interface) ==
          std::vector<HostLink>{{HostLink::Kind::Interface, "eth0", ""},
                                {HostLink::Kind::Interface, "eth1", "lan"}});
    CHECK(parse_extra_veth("a") == "a:a");
    CHECK(parse_port("udp:53:5353") == Port{.protocol = "udp", .host = 53, .machine = 5353});
    CHECK(parse_port("80") == Port{.protocol = "tcp", .host = 80, .machine = 80});
    check_refused(parse_port, {"", "0", "65536", "sctp:1", "tcp:", "80:", "tcp", "1:2:3", "80:0"});
    CHECK(parse_network("bridge:br0").of == "br0");
    CHECK(parse_network("nat").network == Network::Nat);
    check_refused(parse_network, {"", "veth:a", "bridge", "zone:", "nothing", "none:"});
}
