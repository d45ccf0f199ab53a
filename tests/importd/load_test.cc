// Many jobs, many questions, many calls: bounded, and still answered.

#include <chrono>
#include <iostream>

#include <fcntl.h>
#include <sys/stat.h>

#include "tests/catch.hh"
#include "tests/importd/faces.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

constexpr uid_t kUser = 65534;

std::string url_of(int number) {
    return "https://example.com/" + std::to_string(number) + ".tar";
}

// A rule that decides about images called "slow…" when somebody opens the other end of a pipe.
class SlowPolkit {
public:
    explicit SlowPolkit(const TestBus& bus) {
        std::filesystem::permissions(place_.path(), static_cast<std::filesystem::perms>(0777));
        REQUIRE(::mkfifo(gate().c_str(), 0666) == 0);
        REQUIRE(::chmod(gate().c_str(), 0666) == 0);
        polkit_.emplace(bus, PolkitOptions{.rules = {{"10.rules", R"(
            polkit.addRule(function(action, subject) {
                if (action.lookup("local").indexOf("slow") == 0)
                    polkit.spawn(["/bin/cat", ")" + gate().string() + R"("]);
                return polkit.Result.YES;
            });)"}},
                                           .actions = {}});
    }
    /// Waits until polkit decides, which it does when the result is closed.
    Fd hold() const { return open_file(gate(), O_WRONLY); }

private:
    std::filesystem::path gate() const { return place_ / "gate"; }

    TempDir place_;
    std::optional<Polkit> polkit_;
};

} // namespace

TEST_CASE("1,000 transfers are listed within 50 ms", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    Faces faces(bus);
    Client client(bus);
    faces.with_service([](RememberingService& service) {
        for (int i = 0; i < 1000; ++i) {
            service.add(make_pull("image-" + std::to_string(i), url_of(i)));
        }
    });
    using Listed =
        bus::Struct<std::uint32_t, std::string, std::string, std::string, double, bus::ObjectPath>;
    std::chrono::microseconds best = std::chrono::hours(1);
    for (int i = 0; i < 20; ++i) {
        const auto start = std::chrono::steady_clock::now();
        auto reply = client.import1("ListTransfers");
        best = std::min(best, std::chrono::duration_cast<std::chrono::microseconds>(
                                  std::chrono::steady_clock::now() - start));
        CHECK(std::get<0>(reply.read<std::vector<Listed>>()).size() == 1000);
    }
    std::cout << "ListTransfers with 1,000 jobs: " << best.count() << " us\n";
    CHECK(best < std::chrono::milliseconds(50));
}

TEST_CASE("B8: a user has 64 jobs, and one more is refused as the contract says", "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const Polkit polkit(bus, {.rules = {{"10.rules", "polkit.addRule(function(action, subject) {"
                                                     " return polkit.Result.YES; });"}}});
    Faces faces(bus);
    Client user(bus, kUser);
    const auto pull = [](Client& client, int number) {
        return client.import1_error("PullTar", url_of(number), std::string(), std::string("no"),
                                    false);
    };
    for (int i = 0; i < 64; ++i) {
        REQUIRE(pull(user, i) == "");
    }
    CHECK(pull(user, 64) == "System.Error.E2BIG");
    CHECK(user.slipway_error(
              "Submit",
              std::string(R"({"protocol": 1, "verb": "pull-tar", "url": "http://h/a.tar"})"),
              std::vector<Fd>()) == "io.slipway.Error.Limit");
    Client root(bus);
    CHECK(pull(root, 65) == "");
}

TEST_CASE("B8: questions that wait for polkit are bounded, and others are still answered",
          "[importd]") {
    if (auto why = no_polkitd()) {
        SKIP(*why);
    }
    const TestBus bus;
    const SlowPolkit polkit(bus);
    Faces faces(bus);
    Client user(bus, kUser);
    std::vector<std::string> ends;
    const auto pull = [&](const std::string& name, int number) {
        user.manager().call(
            "org.freedesktop.import1.Manager", "PullTar", {.timeout = bus::kNoTimeout},
            [&ends](const bus::Incoming&) { ends.emplace_back("taken"); },
            [&ends](const bus::Failure& failure) { ends.push_back(failure.name); }, url_of(number),
            name + std::to_string(number), std::string("no"), false);
    };
    pull("slow", 0);
    user.connection().process();
    {
        const Fd held = polkit.hold();
        for (int i = 1; i < 60; ++i) {
            pull("quick", i);
        }
        REQUIRE(user.wait([&ends] { return ends.size() == 28; }));
        CHECK(std::count(ends.begin(), ends.end(), "System.Error.E2BIG") == 28);
        CHECK(faces.pending_questions() == importd::Authorization::kPendingOfUser);
        // Nobody else waits for them.
        Client root(bus);
        CHECK(root.import1_error("PullTar", url_of(100), std::string(), std::string("no"), false) ==
              "");
        CHECK(root.import1_error("ListTransfers") == "");
    }
    REQUIRE(user.wait([&ends] { return ends.size() == 60; }));
    CHECK(std::count(ends.begin(), ends.end(), "taken") == 32);
    CHECK(faces.pending_questions() == 0);
    CHECK(faces.live_jobs() == 33);
}

TEST_CASE("B8: who sends without reading is no trouble to others", "[importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const TestBus bus;
    Faces faces(bus);
    Client flood(bus);
    std::size_t answers = 0;
    // The bus lets a connection have so many calls without an answer, and refuses the rest itself.
    for (int i = 0; i < 20'000; ++i) {
        flood.manager().call(
            "org.freedesktop.import1.Manager", i % 2 == 0 ? "ListTransfers" : "CancelTransfer", {},
            [&answers](const bus::Incoming&) { ++answers; },
            [&answers](const bus::Failure&) { ++answers; });
    }
    Client other(bus);
    const auto start = std::chrono::steady_clock::now();
    CHECK(other.import1_error("ListTransfers") == "");
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
    CHECK(flood.wait([&answers] { return answers == 20'000; }));
}
