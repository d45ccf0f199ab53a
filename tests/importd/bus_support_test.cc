// The fixtures of the bus are real: what they promise is asked of the bus and of polkitd.

#include "tests/catch.hh"
#include "tests/support/test_bus.hh"

using namespace slipway::tests;

namespace {

constexpr uid_t kNobody = 65534;

std::vector<std::string> ask_bus(const std::string& member) {
    return {"busctl",
            "--system",
            "call",
            "org.freedesktop.DBus",
            "/org/freedesktop/DBus",
            "org.freedesktop.DBus",
            member};
}

// Whether pid 1, which is root's, or a process of nobody's may do `action`.
RunResult check(const TestBus& bus, const std::string& action, const std::string& subject_uid) {
    return bus.run({"busctl",
                    "--system",
                    "call",
                    "org.freedesktop.PolicyKit1",
                    "/org/freedesktop/PolicyKit1/Authority",
                    "org.freedesktop.PolicyKit1.Authority",
                    "CheckAuthorization",
                    "(sa{sv})sa{ss}us",
                    "unix-process",
                    "3",
                    "pid",
                    "u",
                    "1",
                    "start-time",
                    "t",
                    "0",
                    "uid",
                    "i",
                    subject_uid,
                    action,
                    "1",
                    "remote",
                    "https://example.com/",
                    "0",
                    ""});
}

} // namespace

TEST_CASE("the test's bus answers root and others, and says who owns a name", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    TestBus bus;
    CHECK(bus.is_owned("org.freedesktop.DBus"));
    CHECK_FALSE(bus.is_owned("io.slipway.Importd"));
    CHECK(bus.run(ask_bus("GetId")).out.starts_with("s \""));
    CHECK(bus.run(as_user(kNobody, ask_bus("GetId"))).out.starts_with("s \""));

    bus.kill();
    CHECK(bus.run(ask_bus("GetId")).status != 0);
    bus.restart();
    CHECK(bus.run(ask_bus("GetId")).out.starts_with("s \""));
}

TEST_CASE("the test's bus starts what is to be activated, with its own address", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TempDir directory;
    const std::string said = (directory / "said").string();
    const TestBus bus({.services = {{"org.example.Probe.service",
                                     "[D-BUS Service]\nName=org.example.Probe\nUser=root\n"
                                     "Exec=/bin/sh -c \"echo $DBUS_SYSTEM_BUS_ADDRESS >" +
                                         said + "\"\n"}}});
    bus.run({"busctl", "--system", "call", "org.freedesktop.DBus", "/org/freedesktop/DBus",
             "org.freedesktop.DBus", "StartServiceByName", "su", "org.example.Probe", "0"});
    CHECK(read_file(said).starts_with(bus.address()));
}

TEST_CASE("the test's polkitd follows the rules and the actions of the test", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const std::string rule = "polkit.addRule(function(action, subject) {\n"
                             "  if (action.lookup('remote') == 'https://example.com/')\n"
                             "    return polkit.Result.YES;\n"
                             "});\n";
    const std::string pull = "org.freedesktop.import1.pull";
    SECTION("a rule sees the details and decides") {
        const Polkit polkit(bus, {.rules = {{"10-test.rules", rule}}});
        CHECK_THAT(check(bus, pull, "65534").out, contains("(bba{ss}) true"));
    }
    SECTION("without a rule it is a challenge") {
        const Polkit polkit(bus);
        CHECK_THAT(check(bus, pull, "65534").out, contains("(bba{ss}) false true"));
    }
    SECTION("the actions are those of the test") {
        const Polkit polkit(bus, {.rules = {},
                                  .actions = {"/usr/share/polkit-1/actions/"
                                              "org.freedesktop.policykit.policy"}});
        CHECK_THAT(check(bus, pull, "65534").err, contains("not registered"));
    }
}

TEST_CASE("the real machinectl talks to the test's bus", "[importd]") {
    if (auto why = no_machinectl()) {
        SKIP(*why);
    }
    const TestBus bus;
    const RunResult result = bus.run(TestBus::machinectl({"list-transfers"}));
    CHECK(result.status == 1);
    CHECK_THAT(result.err, contains("org.freedesktop.import1"));
}
