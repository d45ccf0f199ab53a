// Calls of io.slipway.Importd, over a service that only remembers.

#include <set>

#include <fcntl.h>
#include <sys/socket.h>

#include "base/json.hh"
#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

const std::string kPull = R"({"protocol": 1, "verb": "pull-tar", "url": "https://h/web.tar"})";

struct Scene {
    TestBus bus;
    Faces faces{bus};
    Client client{bus};

    std::uint32_t submit(const std::string& json, const std::vector<Fd>& descriptors) {
        return std::get<0>(client.slipway("Submit", json, descriptors).read<std::uint32_t>());
    }
    nlohmann::json jobs() {
        return nlohmann::json::parse(std::get<0>(client.slipway("ListJobs").read<std::string>()));
    }
    nlohmann::json history(const std::string& query) {
        return nlohmann::json::parse(
            std::get<0>(client.slipway("History", query).read<std::string>()));
    }
};

} // namespace

TEST_CASE("a job is submitted, listed, canceled and remembered", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    std::vector<std::string> events;
    const auto listening = scene.client.connection().subscribe(
        "type='signal',interface='io.slipway.Importd',member='Event'",
        [&events](bus::Incoming signal) {
            const auto [job, event] = signal.read<std::uint32_t, std::string>();
            events.push_back(std::to_string(job) + " " +
                             nlohmann::json::parse(event).at("event").get<std::string>());
        });
    CHECK(scene.submit(kPull, {}) == 1);
    CHECK(scene.jobs().at(0).at("name") == "web");
    scene.faces.with_service(
        [](RememberingService& service) { service.say(1, transfer::StageEntered{"verify"}); });
    scene.client.slipway("Cancel", std::uint32_t{1});
    REQUIRE(scene.client.wait([&events] { return events.size() >= 3; }));
    CHECK(events == std::vector<std::string>{"1 queued", "1 stage", "1 end"});
    CHECK(scene.jobs().empty());
    CHECK(scene.history("{}").at(0).at("state") == "canceled");
    CHECK(scene.history(R"({"before": 1})").empty());
    CHECK(scene.client.slipway_error("Cancel", std::uint32_t{1}) == "io.slipway.Error.NotFound");
    CHECK(scene.client.slipway_error("History", std::string("x")) ==
          "io.slipway.Error.InvalidArgument");
}

TEST_CASE("C1: our own bus name takes a URL twice for two names, and a name once", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const std::vector<Fd> none;
    scene.submit(kPull, none);
    CHECK(scene.client.slipway_error("Submit", kPull, none) == "io.slipway.Error.Exists");
    CHECK_THAT(scene.client.message(), contains("job 1"));
    const std::string other =
        R"({"protocol": 1, "verb": "pull-tar", "url": "https://h/web.tar", "name": "b"})";
    CHECK(scene.submit(other, none) == 2);
}

TEST_CASE("B3: our own bus name takes one descriptor of an import, a socket too", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const TempDir directory;
    write_file(directory / "file", "x");
    const std::string import = R"({"protocol": 1, "verb": "import-tar", "name": "a"})";
    const auto refused = [&](Fd fd) {
        std::vector<Fd> list;
        list.push_back(std::move(fd));
        return scene.client.slipway_error("Submit", import, list);
    };
    const std::string invalid = "io.slipway.Error.InvalidArgument";
    CHECK(refused(open_file(directory.path(), O_RDONLY | O_DIRECTORY)) == invalid);
    CHECK(refused(open_file(directory / "file", O_WRONLY)) == invalid);
    CHECK(refused(open_file(directory / "file", O_PATH)) == invalid);
    CHECK(refused(open_file("/dev/null", O_RDONLY)) == invalid);
    CHECK(scene.client.slipway_error("Submit", std::string("{}"), std::vector<Fd>()) == invalid);
    CHECK(scene.client.slipway_error("Submit", kPull) == "org.freedesktop.DBus.Error.InvalidArgs");
    CHECK(scene.faces.live_jobs() == 0);
    int ends[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Fd other(ends[1]);
    CHECK(refused(Fd(ends[0])) == "");
    CHECK(scene.faces.live_jobs() == 1);
}

TEST_CASE("an odd name in a job's end is no trouble to who reads the history", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    scene.submit(kPull, {});
    scene.faces.with_service([](RememberingService& service) {
        service.end(1, {.text = "entry '\xEF\xBF\xBE' is odd"}); // U+FFFE, which sd-bus refuses
    });
    CHECK(scene.history("{}").at(0).at("end").at("text") == "entry '\xEF\xBF\xBD' is odd");
}

TEST_CASE("version and protocol are properties", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    const auto get = [&scene](const char* name) {
        return scene.bus
            .run({"busctl", "--system", "get-property", "io.slipway.Importd", "/io/slipway/Importd",
                  "io.slipway.Importd", name})
            .out;
    };
    CHECK(get("Version") == "s \"" SLIPWAY_VERSION "\"\n");
    CHECK(get("Protocol") == "u 1\n");
}

TEST_CASE("B2: a name that somebody has is refused with who it is", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    Scene scene;
    try {
        scene.client.connection().request_name("org.freedesktop.import1");
        FAIL("the name was given twice");
    } catch (const Error& error) {
        CHECK(error.kind() == Kind::Busy);
        CHECK_THAT(error.what(), contains("'org.freedesktop.import1' on the bus belongs to :"));
        CHECK_THAT(error.what(), contains("process " + std::to_string(::getpid())));
        CHECK_THAT(error.what(), contains("importd_test"));
    }
}

TEST_CASE("B1: without a bus connecting says so", "[importd]") {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", 1);
    CHECK_THROWS_MATCHES(bus::Connection::open_system_bus(), Error,
                         Catch::Matchers::Predicate<Error>(
                             [](const Error& e) { return e.kind() == Kind::NotFound; }));
}
