// What polkit is told and how its silence is borne. A stand-in answers for it: the real polkitd
// shows neither what it was asked nor that a question was taken back.

#include <deque>

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr uid_t kUser = 65534;
constexpr const char* kPolkit = "org.freedesktop.PolicyKit1";

struct Asked {
    bus::Call call;
    std::string caller; ///< unique name
    std::string action;
    std::map<std::string, std::string> details;
    std::uint32_t flags = 0;
    std::string id;
};

using Subject = bus::Struct<std::string, std::map<std::string, bus::Variant>>;
using Verdict = bus::Struct<bool, bool, std::map<std::string, std::string>>;

class StandInAuthority {
public:
    explicit StandInAuthority(const TestBus& bus)
        : client_(bus), object_(client_.connection(), "/org/freedesktop/PolicyKit1/Authority",
                                "org.freedesktop.PolicyKit1.Authority") {
        object_.method("CheckAuthorization",
                       {"(sa{sv})sa{ss}us", {"subject", "action", "details", "flags", "id"}},
                       {"(bba{ss})", {"result"}}, [this](const bus::Call& call) {
                           const auto [subject, action, details, flags, id] =
                               call.read<Subject, std::string, std::map<std::string, std::string>,
                                         std::uint32_t, std::string>();
                           CHECK(std::get<0>(subject) == "system-bus-name");
                           asked.push_back({call,
                                            std::get<1>(subject).at("name").get<std::string>(),
                                            action, details, flags, id});
                       });
        object_.method("CancelCheckAuthorization", {"s", {"id"}}, {},
                       [this](const bus::Call& call) {
                           taken_back.push_back(std::get<0>(call.read<std::string>()));
                           call.answer();
                       });
        object_.publish();
        client_.connection().request_name(kPolkit);
    }
    bool wait(const std::function<bool()>& enough) { return client_.wait(enough); }
    void leave() { client_.connection().release_name(kPolkit); }

    std::deque<Asked> asked;
    std::vector<std::string> taken_back;

private:
    Client client_;
    bus::Object object_;
};

struct Scene {
    TempDir place;
    TestBus bus{options(place)};
    StandInAuthority authority{bus};
    Faces faces{bus};

    static BusOptions options(const TempDir& place) {
        write_file(place / "polkit.conf", "<busconfig><policy user=\"root\">"
                                          "<allow own=\"org.freedesktop.PolicyKit1\"/></policy>"
                                          "<policy context=\"default\"><allow send_destination="
                                          "\"org.freedesktop.PolicyKit1\"/></policy></busconfig>");
        return {.policies = {own_bus_policy(), place / "polkit.conf"}};
    }
};

// A pull by the user; how it ended, once it has.
struct Pull {
    Client client;
    std::string unique_name = client.connection().unique_name();
    std::optional<std::string> end{};

    Pull(const Scene& scene, bool interactive) : client(scene.bus, kUser) {
        client.manager().call(
            "org.freedesktop.import1.Manager", "PullTarEx", {.interactive = interactive},
            [this](const bus::Incoming&) { end = "taken"; },
            [this](const bus::Failure& failure) { end = failure.name; },
            std::string("https://u:secret@h/web.tar.xz?token=secret"), std::string("web"),
            std::string("sysext"), std::string("checksum"), std::uint64_t{0});
        client.connection().process();
    }
    std::string wait() {
        client.wait([this] { return end.has_value(); });
        return end.value_or("no answer");
    }
};

} // namespace

TEST_CASE("polkit is told who asks, for what, and whether it may ask back", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const bool interactive = GENERATE(false, true);
    Pull pull(scene, interactive);
    REQUIRE(scene.authority.wait([&scene] { return !scene.authority.asked.empty(); }));
    const Asked& asked = scene.authority.asked.front();
    CHECK(asked.caller == pull.unique_name);
    CHECK(asked.action == "org.freedesktop.import1.pull");
    CHECK(asked.flags == (interactive ? 1U : 0U));
    CHECK(asked.details.at("remote").find("secret") == std::string::npos);
    CHECK(asked.details.at("remote").ends_with("/web.tar.xz?token=\xe2\x80\xa6"));
    CHECK(asked.details.at("local") == "web");
    CHECK(asked.details.at("class") == "sysext");
    CHECK(asked.details.at("type") == "tar");
    CHECK(asked.details.at("verify") == "checksum");
    CHECK(scene.faces.live_jobs() == 0); // nothing happens before the answer
    asked.call.answer(Verdict(true, false, {}));
    scene.authority.wait([] { return true; });
    CHECK(pull.wait() == "taken");
    CHECK(scene.faces.live_jobs() == 1);
}

TEST_CASE("B6: a question of a caller who left is taken back, and its answer ignored",
          "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    {
        const Pull pull(scene, true);
        REQUIRE(scene.authority.wait([&scene] { return !scene.authority.asked.empty(); }));
    }
    REQUIRE(scene.authority.wait([&scene] { return !scene.authority.taken_back.empty(); }));
    const Asked& asked = scene.authority.asked.front();
    CHECK(scene.authority.taken_back.front() == asked.id);
    asked.call.answer(Verdict(true, false, {}));
    // Another question comes after that answer.
    Pull next(scene, true);
    REQUIRE(scene.authority.wait([&scene] { return scene.authority.asked.size() == 2; }));
    CHECK(scene.faces.live_jobs() == 0);
    CHECK(scene.faces.pending_questions() == 1);
}

TEST_CASE("B6: polkit that leaves in the middle of a question allows nothing", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    Pull pull(scene, false);
    REQUIRE(scene.authority.wait([&scene] { return !scene.authority.asked.empty(); }));
    scene.authority.asked.clear(); // the call goes without an answer of polkit's
    CHECK(pull.wait() == "org.freedesktop.DBus.Error.AccessDenied");
    scene.authority.leave();
    Pull next(scene, false);
    CHECK(next.wait() == "org.freedesktop.DBus.Error.AccessDenied");
    CHECK(scene.faces.live_jobs() == 0);
}
