// The methods that importctl of systemd 256 and later calls, with the arguments that it sends, by
// busctl: this system's clients are older.

#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

#include "base/bus.hh"
#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/checks.hh"
#include "tests/support/http_server.hh"
#include "tests/support/running_daemon.hh"
#include "tests/support/test_bus.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

struct Stage {
    TempDir place;
    std::filesystem::path tree = place / "tree";
    HttpServer server;
    TestBus bus;
    RunningDaemon daemon{bus};

    Stage() {
        std::filesystem::create_directory(tree);
        make_plain_tree(tree, 20);
        write_file(place / "web.tar", pack(tree));
        server.serve("/web.tar", read_file(place / "web.tar"));
    }

    RunResult call(const std::vector<std::string>& arguments) const {
        std::vector<std::string> command{"busctl",
                                         "--system",
                                         "call",
                                         "org.freedesktop.import1",
                                         "/org/freedesktop/import1",
                                         "org.freedesktop.import1.Manager"};
        command.insert(command.end(), arguments.begin(), arguments.end());
        return bus.run(command);
    }
    bool is_idle() const {
        return call({"ListTransfersEx", "st", "", "0"}).out == "a(ussssdo) 0\n";
    }
    void wait_until_idle() const {
        for (int i = 0; i < 300 && !is_idle(); ++i) {
            ::usleep(50'000);
        }
        CHECK(is_idle());
    }
};

} // namespace

TEST_CASE("importctl's pulls arrive in the pool of their class", "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const Stage scene;
    const std::string url = scene.server.url("/web.tar");
    const std::string started = "uo 1 \"/org/freedesktop/import1/transfer/_1\"\n";
    // Flags 4: importctl keeps downloads of machines unless told otherwise.
    CHECK(scene.call({"PullTarEx", "sssst", url, "a", "machine", "no", "4"}).out == started);
    CHECK_THAT(scene.call({"PullTarEx", "sssst", url, "b", "portable", "no", "0"}).err,
               contains("already"));
    scene.wait_until_idle();
    CHECK(differences(scene.tree, scene.daemon.pool() / "a") == Lines{});
    CHECK(std::filesystem::exists(scene.daemon.cache() /
                                  ("sha256-" + sha256_of(read_file(scene.place / "web.tar")))));
    CHECK(scene.call({"PullTarEx", "sssst", url, "b", "portable", "no", "2"}).status == 0);
    scene.wait_until_idle();
    CHECK(differences(scene.tree, scene.daemon.pool("portable") / "b") == Lines{});
    const auto seen = scene.server.requests("/web.tar"); // the second was taken from what is kept
    REQUIRE(seen.size() == 2);
    CHECK(seen[0].method == "GET");
    CHECK(seen[1].method == "HEAD");
    CHECK(scene.call({"PullRawEx", "sssst", url, "c", "sysext", "no", "1"}).status == 0);
    scene.wait_until_idle();
    CHECK_THAT(scene.call({"ListImages", "st", "machine", "0"}).out,
               contains("\"machine\" \"a\" \"directory\""));
    CHECK_THAT(scene.call({"ListImages", "st", "", "0"}).out, contains("\"portable\" \"b\""));
}

TEST_CASE("importctl's imports take a descriptor, a class and flags", "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const Stage scene;
    // busctl cannot send descriptors.
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", scene.bus.address().c_str(), 1);
    bus::Connection connection = bus::Connection::open_system_bus();
    bus::Peer manager(connection, "org.freedesktop.import1", "/org/freedesktop/import1");
    const auto import = [&manager](const char* method, const std::filesystem::path& path,
                                   const std::string& name, const std::string& image_class) {
        const Fd input(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        manager.call_and_wait("org.freedesktop.import1.Manager", method, {}, input, name,
                              image_class, std::uint64_t{0});
    };
    import("ImportTarEx", scene.place / "web.tar", "a", "confext");
    import("ImportFileSystemEx", scene.tree, "b", "machine");
    scene.wait_until_idle();
    CHECK(differences(scene.tree, scene.daemon.pool("confext") / "a") == Lines{});
    CHECK(differences(scene.tree, scene.daemon.pool() / "b") == Lines{});
}

TEST_CASE("importctl's exports take a class before the descriptor", "[e2e][importd]") {
    if (auto why = no_dbus_daemon()) {
        SKIP(*why);
    }
    const Stage scene;
    std::filesystem::copy(scene.tree, scene.daemon.pool("portable") / "p",
                          std::filesystem::copy_options::recursive);
    write_file(scene.daemon.pool("sysext") / "disk.raw", std::string(9000, 'd'));
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", scene.bus.address().c_str(), 1);
    bus::Connection connection = bus::Connection::open_system_bus();
    bus::Peer manager(connection, "org.freedesktop.import1", "/org/freedesktop/import1");
    const auto exported = [&](const char* method, const std::string& name,
                              const std::string& image_class, const std::string& format) {
        const Fd output(
            ::open((scene.place / name).c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        manager.call_and_wait("org.freedesktop.import1.Manager", method, {}, name, image_class,
                              output, format, std::uint64_t{0});
        scene.wait_until_idle();
    };
    exported("ExportTarEx", "p", "portable", "zstd");
    const std::filesystem::path unpacked = scene.place / "unpacked";
    std::filesystem::create_directory(unpacked);
    run_ok({"tar", "--zstd", "-xpf", (scene.place / "p").string(), "-C", unpacked.string()});
    CHECK(differences(unpacked, scene.daemon.pool("portable") / "p") == Lines{});
    exported("ExportRawEx", "disk", "sysext", "");
    CHECK(read_file(scene.place / "disk") == std::string(9000, 'd'));
}
