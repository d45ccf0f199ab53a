// What an engine tells, and who is not heard.

#include <algorithm>
#include <csignal>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.hh"
#include "spawn/notify_socket.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::spawn;
using namespace slipway::tests;

namespace {

void send(const std::filesystem::path& path, const std::string& text) {
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy_n(path.native().begin(), path.native().size(), address.sun_path);
    REQUIRE(::sendto(socket.get(), text.data(), text.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof address) > 0);
}

} // namespace

TEST_CASE("leader and readiness are read out of what the engine tells", "[spawn]") {
    const Notification running =
        parse_notification("STATUS=Container running.\nX_NSPAWN_LEADER_PID=4711");
    CHECK(running.leader == 4711);
    CHECK_FALSE(running.is_ready);
    CHECK(parse_notification("READY=1\n").is_ready);
    CHECK_FALSE(parse_notification("STATUS=READY=1").is_ready);
    CHECK_FALSE(parse_notification("X_NSPAWN_LEADER_PID=").leader);
    CHECK_FALSE(parse_notification("X_NSPAWN_LEADER_PID=12x").leader);
    CHECK_FALSE(parse_notification("X_NSPAWN_LEADER_PID=-1").leader);
    CHECK_FALSE(parse_notification("").is_ready);
}

TEST_CASE("only the engine itself is heard", "[spawn]") {
    const TempDir directory;
    NotifySocket socket(directory / "notify");
    send(directory / "notify", "READY=1");
    CHECK_FALSE(socket.next(::getppid()));
    CHECK_FALSE(socket.next(::getpid())); // it was dropped
    send(directory / "notify", "X_NSPAWN_LEADER_PID=12");
    send(directory / "notify", "READY=1");
    CHECK(socket.next(::getpid()).value().leader == 12);
    CHECK(socket.next(::getpid()).value().is_ready);
    CHECK_FALSE(socket.next(::getpid()));
}

TEST_CASE("a path too long for a socket is refused by name", "[spawn]") {
    CHECK_THROWS_AS(NotifySocket("/tmp/" + std::string(200, 'x')), Error);
}
