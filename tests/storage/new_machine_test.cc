// A system before and after it was made a new machine.

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "storage/new_machine.hh"
#include "tests/catch.hh"
#include "tests/storage/fixture.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::storage;
using namespace slipway::tests;

namespace fs = std::filesystem;

namespace {

std::vector<std::string> reset(const fs::path& root) {
    const Fd top(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return make_new_machine(top.get());
}

void put(const fs::path& path, const std::string& text = "x") {
    fs::create_directories(path.parent_path());
    write_file(path, text);
}

// Every file and link, relative, in order.
std::vector<std::string> files(const fs::path& root) {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_directory() || entry.is_symlink()) {
            names.push_back(entry.path().lexically_relative(root));
        }
    }
    std::sort(names.begin(), names.end());
    return names;
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("what makes a system one machine is reset and named, the rest stays",
          "[storage][fresh]") {
    const TempDir place;
    const fs::path root = place / "root";
    put(root / "etc/machine-id", "0123456789abcdef0123456789abcdef\n");
    ::chmod((root / "etc/machine-id").c_str(), 0444);
    put(root / "var/lib/dbus/machine-id", "0123456789abcdef0123456789abcdef\n");
    put(root / "etc/ssh/ssh_host_ed25519_key");
    put(root / "etc/ssh/ssh_host_ed25519_key.pub");
    put(root / "etc/ssh/sshd_config");
    put(root / "var/lib/systemd/random-seed");
    put(root / "var/lib/systemd/credential.secret");
    put(root / "var/lib/systemd/timers/stamp-apt.timer");
    put(root / "etc/credstore.encrypted/wifi");
    put(root / "var/lib/dhcp/dhclient.eth0.leases");
    put(root / "var/lib/NetworkManager/internal-1-eth0.lease");
    put(root / "var/lib/NetworkManager/NetworkManager.state");
    put(root / "var/lib/cloud/instances/i-1/sem/config_ssh");
    fs::create_symlink("instances/i-1", root / "var/lib/cloud/instance");
    put(root / "var/lib/cloud/seed/nocloud/user-data");

    CHECK(reset(root) == Lines{"machine ID (etc/machine-id)",
                               "machine ID (var/lib/dbus/machine-id)",
                               "SSH host keys (etc/ssh/ssh_host_ed25519_key)",
                               "SSH host keys (etc/ssh/ssh_host_ed25519_key.pub)",
                               "random seed (var/lib/systemd/random-seed)",
                               "credentials (var/lib/systemd/credential.secret)",
                               "credentials (etc/credstore.encrypted/wifi)",
                               "DHCP leases (var/lib/dhcp/dhclient.eth0.leases)",
                               "DHCP leases (var/lib/NetworkManager/internal-1-eth0.lease)",
                               "cloud-init's state (var/lib/cloud/instance)",
                               "cloud-init's state (var/lib/cloud/instances)"});
    CHECK(files(root) == Lines{"etc/machine-id", "etc/ssh/sshd_config",
                               "var/lib/NetworkManager/NetworkManager.state",
                               "var/lib/cloud/seed/nocloud/user-data",
                               "var/lib/systemd/timers/stamp-apt.timer"});
    struct stat info {};
    REQUIRE(::stat((root / "etc/machine-id").c_str(), &info) == 0);
    CHECK(info.st_size == 0);
    CHECK((info.st_mode & 07777U) == 0444U);
    CHECK(reset(root).empty());
}

TEST_CASE("a system that was never booted keeps its first boot", "[storage][fresh]") {
    const TempDir place;
    put(place / "etc/machine-id", "uninitialized\n");
    CHECK(reset(place.path()).empty());
    CHECK(read_file(place / "etc/machine-id") == "uninitialized\n");
}

TEST_CASE("a new machine is made within its tree, whatever links lie in it", "[storage][fresh]") {
    const TempDir place;
    const fs::path root = place / "root";
    put(place / "host/machine-id", "host's\n");
    put(place / "host/ssh/ssh_host_rsa_key");
    fs::create_directories(root / "etc");
    fs::create_symlink(place / "host/machine-id", root / "etc/machine-id");
    fs::create_symlink(place / "host/ssh", root / "etc/ssh");
    put(root / "srv/dhcp/lease");
    fs::create_directories(root / "var/lib");
    fs::create_symlink("../../../../../srv/dhcp", root / "var/lib/dhcp"); // within the root: "/srv"

    CHECK(reset(root) == Lines{"machine ID (etc/machine-id)", "DHCP leases (var/lib/dhcp/lease)"});
    CHECK(read_file(place / "host/machine-id") == "host's\n");
    CHECK(fs::exists(place / "host/ssh/ssh_host_rsa_key"));
    CHECK(fs::is_regular_file(fs::symlink_status(root / "etc/machine-id")));
    CHECK_FALSE(fs::exists(root / "srv/dhcp/lease"));
}
