// The daemon as a service of systemd: installed, enabled in the place of systemd-importd, restarted
// and stopped while it works, disabled again. Clients are the real machinectl.

#include "tests/catch.hh"
#include "tests/e2e/archive.hh"
#include "tests/e2e/systemd_host.hh"
#include "tests/support/http_server.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

// The unit of whoever answers as org.freedesktop.import1 now.
std::string import1_unit(const SystemdHost& host) {
    const std::string pid = host.run_ok(
        {"sh", "-c",
         "busctl --system call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus "
         "GetConnectionUnixProcessID s org.freedesktop.import1 | cut -d' ' -f2 | tr -d '\\n'"});
    std::string unit = host.run_ok({"ps", "-o", "unit=", "-p", pid});
    return unit.substr(0, unit.find_last_not_of(" \n") + 1);
}

std::string show(const SystemdHost& host, const std::string& property) {
    std::string value = host.run_ok(
        {"systemctl", "show", "--value", "--property=" + property, "slipway-importd.service"});
    value.pop_back();
    return value;
}

// The pid of the one keeper that works; a program of that name sweeps at the daemon's start.
std::string keeper_of(const SystemdHost& host) {
    const std::string pids = host.run_ok({"pgrep", "--oldest", "-x", "slipway-transfe"});
    return pids.substr(0, pids.find('\n'));
}

ChildProcess start(const std::vector<std::string>& command) {
    return ChildProcess({.program = "/usr/bin/env",
                         .arguments = command,
                         .fds = {},
                         .environment = {{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}},
                         .own_process_group = true,
                         .capture_stderr = true});
}

void install(const SystemdHost& host) {
    run_ok({"meson", "install", "-C", program("").string(), "--no-rebuild", "--quiet", "--destdir",
            host.root().string()});
    // A sanitized daemon looks for leaks at its end, for which it traces itself; the unit forbids.
    const auto drop_ins = host.root() / "etc/systemd/system/slipway-importd.service.d";
    std::filesystem::create_directories(drop_ins);
    write_file(drop_ins / "test.conf", "[Service]\nEnvironment=ASAN_OPTIONS=detect_leaks=0\n");
    host.run_ok({"systemctl", "daemon-reload"});
    host.run_ok({"systemctl", "reload", "dbus.service"});
}

// An image, where it is served and what is in it.
class Mirror {
public:
    Mirror() {
        make_large_tree(tree_.path(), 4 * MiB);
        server.serve(kPath, pack(tree_.path(), ".gz"));
    }
    std::vector<std::string> pull(const std::string& name) const {
        return {"machinectl", "pull-tar", "--verify=no", server.url(kPath), name};
    }
    // The next request gets a part of it, and the rest after server.release().
    void stall() {
        asked_ = asked();
        server.on(kPath, {stall_after(MiB)});
    }
    void wait_for_stalled() { server.wait_for_requests(kPath, asked_ + 1); }
    bool was_asked_once() const { return asked() == asked_ + 1; }
    bool is_in(const std::filesystem::path& image) const {
        return sha256_of(read_file(tree_ / "blob")) == sha256_of(read_file(image / "blob"));
    }

    HttpServer server;

private:
    static constexpr const char* kPath = "/web.tar.gz";
    std::size_t asked() const { return server.requests(kPath).size(); }
    TempDir tree_;
    std::size_t asked_ = 0;
};

// systemd-pull 252 now and then waits for ever for the settings beside an image that are not there:
// its daemon is started anew then, which cleans up.
bool peer_pulls(const SystemdHost& host, const Mirror& mirror, const std::string& name) {
    for (int attempt = 0; attempt < 5; ++attempt) {
        std::vector<std::string> command{"timeout", "20"};
        const std::vector<std::string> pull = mirror.pull(name);
        command.insert(command.end(), pull.begin(), pull.end());
        if (host.run(command).status == 0) {
            return true;
        }
        host.run_ok({"systemctl", "restart", "systemd-importd.service"});
    }
    return false;
}

} // namespace

TEST_CASE("under systemd the daemon takes systemd-importd's place and gives it back",
          "[e2e][systemd]") {
    if (auto why = no_systemd_host()) {
        SKIP(*why);
    }
    const Mirror mirror;
    const SystemdHost host;
    REQUIRE(peer_pulls(host, mirror, "before"));
    CHECK(import1_unit(host) == "systemd-importd.service");
    CHECK(mirror.is_in(host.pool() / "before"));

    install(host);
    host.run_ok({"systemctl", "enable", "slipway-importd.service"});
    // As long as systemd-importd has the name it is refused, and says so; systemd tries again.
    CHECK(host.run({"systemctl", "start", "slipway-importd.service"}).status != 0);
    CHECK_THAT(host.run_ok({"journalctl", "-q", "-o", "cat", "-u", "slipway-importd.service"}),
               contains("org.freedesktop.import1") && contains("systemd-importd"));
    host.run_ok({"systemctl", "stop", "systemd-importd.service"});
    host.run_ok(mirror.pull("ours"));
    CHECK(import1_unit(host) == "slipway-importd.service");
    CHECK(mirror.is_in(host.pool() / "ours"));
    host.run_ok({"systemctl", "reload", "slipway-importd.service"});
    CHECK(show(host, "ActiveState") == "active");
    // systemd knows every key of the unit, and the journal has fields to ask for.
    CHECK(host.run({"journalctl", "-q", "-b", "--grep=Unknown|Failed to parse", "-u",
                    "slipway-importd.service"})
              .out.empty());
    CHECK_THAT(host.run_ok({"journalctl", "-q", "-o", "cat", "SLIPWAY_JOB=1"}),
               contains("job 1 (pull-tar 'ours'): done"));

    host.run_ok({"systemctl", "disable", "--now", "slipway-importd.service"});
    REQUIRE(peer_pulls(host, mirror, "after"));
    CHECK(import1_unit(host) == "systemd-importd.service");
    CHECK(mirror.is_in(host.pool() / "after"));
    CHECK(host.run_ok({"systemctl", "--failed", "--no-legend", "--plain"}).empty());
}

TEST_CASE("under systemd a pull outlives restart and stop of the daemon", "[e2e][systemd]") {
    if (auto why = no_systemd_host()) {
        SKIP(*why);
    }
    const SystemdHost host;
    install(host);
    host.run_ok({"systemctl", "enable", "--now", "slipway-importd.service"});
    Mirror mirror;
    mirror.stall();
    ChildProcess client = start(host.inside(mirror.pull("web")));
    mirror.wait_for_stalled();
    const std::string keeper = keeper_of(host);

    SECTION("restarted, the next daemon takes it up and the client hears of its end") {
        const std::string before = show(host, "MainPID");
        host.run_ok({"systemctl", "restart", "slipway-importd.service"});
        CHECK(show(host, "MainPID") != before);
        CHECK(keeper_of(host) == keeper);
        CHECK_THAT(host.run_ok({"machinectl", "list-transfers"}), contains("pull-tar"));
        mirror.server.release();
        CHECK(client.wait().success());
    }
    SECTION("stopped, it ends alone, and the next daemon tells the client") {
        host.run_ok({"systemctl", "stop", "slipway-importd.service"});
        CHECK(show(host, "ActiveState") == "inactive");
        CHECK(keeper_of(host) == keeper);
        mirror.server.release();
        host.run_ok({"sh", "-c", "tail --pid=" + keeper + " -f /dev/null"});
        CHECK(mirror.is_in(host.pool() / "web"));
        host.run_ok({"machinectl", "list-transfers"}); // activates it
        CHECK(client.wait().success());
    }
    CHECK(mirror.is_in(host.pool() / "web"));
    CHECK(mirror.was_asked_once());
    CHECK(host.run_ok({"systemctl", "--failed", "--no-legend", "--plain"}).empty());
}
