// What the host says of itself.

#include <unistd.h>

#include "machine/host_facts.hh"
#include "machine/id_map_probe.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway::machine;
using namespace slipway::tests;

TEST_CASE("cgroups are pure, hybrid or none", "[machine]") {
    using Mounts = CgroupMounts;
    CHECK(read_cgroup_mounts("cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n") ==
          Mounts{.is_unified = true, .roots = {"/sys/fs/cgroup"}});
    CHECK(
        read_cgroup_mounts("tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
                           "cgroup /sys/fs/cgroup/pids cgroup rw,pids 0 0\n"
                           "cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0\n"
                           "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n") ==
        Mounts{.is_unified = false, .roots = {"/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"}});
    CHECK(read_cgroup_mounts("/dev/vda / ext4 rw 0 0\n") == Mounts{});
}

TEST_CASE("the engine's version is read from what it says", "[machine]") {
    CHECK(read_systemd_version("systemd 252 (252.39-1~deb12u2)\n+PAM\n") == 252);
    CHECK(read_systemd_version("systemd 258~rc2\n") == 258);
    CHECK(read_systemd_version("busybox 1.35\n") == 0);
    CHECK(read_systemd_version("") == 0);
}

TEST_CASE("facts are found without a right and leave nothing", "[machine]") {
    const TempDir top;
    const HostFacts host = find_host_facts(top.path(), slipway::storage::ImageType::Directory);
    CHECK(host.nspawn.empty() == (host.systemd_version == 0));
    CHECK(host.can_map_ids == can_map_ids(top.path()));
    CHECK(find_host_facts(top / "disk.raw", slipway::storage::ImageType::Raw).can_map_ids);
}

TEST_CASE("a file system that maps no owners, and one that is not there, are found out",
          "[machine]") {
    CHECK_FALSE(can_map_ids("/proc/self"));
    CHECK_FALSE(can_map_ids("/no/such/place"));
}
