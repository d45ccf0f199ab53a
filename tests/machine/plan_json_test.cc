// Launch plans on their way to slipway-supervise.

#include "base/error.hh"
#include "machine/plan_json.hh"
#include "tests/catch.hh"

using namespace slipway;
using namespace slipway::machine;

TEST_CASE("a launch plan reaches the supervisor as it was made", "[machine]") {
    LaunchPlan plan;
    plan.engine = EngineKind::Qemu;
    plan.kept_copies = {{"/var/lib/slipway/machines/web/efi-variables.fd", "/usr/share/OVMF/VARS"}};
    plan.bridge = "vz-lab";
    plan.makes_bridge = true;
    plan.link = "vt-web";
    plan.kept = "/var/lib/slipway/machines/web";
    plan.seed_disk = "/var/lib/slipway/machines/web/seed.iso";
    plan.seed_files = {{"meta-data", "{}\n"}};
    plan.forwards_ssh = true;
    plan.ssh_user = "admin";
    plan.arguments = {"/usr/bin/systemd-nspawn", "--boot", "--setenv=A=b \"c\"\n"};
    plan.environment = {"SYSTEMD_NSPAWN_LOCK=0"};
    plan.cgroups = {"/sys/fs/cgroup/unified/slipway/web"};
    plan.mount = "/run/slipway/machines/web/root";
    plan.mount_arguments = {"/usr/bin/systemd-dissect", "--mount", "/pool/web.raw"};
    plan.undo = {{Undo::Kind::RemoveCgroup, "/sys/fs/cgroup/unified/slipway/web"},
                 {Undo::Kind::Unmount, "/run/slipway/machines/web/root"},
                 {Undo::Kind::RemoveTable, "inet slipway-web"}};
    plan.machine = "web";
    plan.image = "web";
    plan.root = "/pool/web.raw";
    plan.clone_of = "/pool/golden.raw";
    plan.shares_lock = true;
    plan.poweroff_signal = "SIGTERM";
    plan.boots = true;
    plan.files = {{"/run/slipway/machines/web/credentials/key", "secret\n"}};
    plan.sets_addresses = true;
    plan.masquerades = true;
    plan.moved_links = {{HostLink::Kind::Macvlan, "eth0", "lan"},
                        {HostLink::Kind::Interface, "eth1", ""}};
    const LaunchPlan read = plan_from_json(plan_to_json(plan));
    CHECK(read.engine == plan.engine);
    CHECK(read.kept_copies == plan.kept_copies);
    CHECK(read.bridge == plan.bridge);
    CHECK(read.makes_bridge);
    CHECK(read.link == plan.link);
    CHECK(read.kept == plan.kept);
    CHECK(read.seed_disk == plan.seed_disk);
    CHECK(read.seed_files == plan.seed_files);
    CHECK(read.forwards_ssh);
    CHECK(read.ssh_user == plan.ssh_user);
    CHECK(read.arguments == plan.arguments);
    CHECK(read.environment == plan.environment);
    CHECK(read.cgroups == plan.cgroups);
    CHECK(read.mount == plan.mount);
    CHECK(read.mount_arguments == plan.mount_arguments);
    CHECK(read.undo == plan.undo);
    CHECK(read.machine == plan.machine);
    CHECK(read.image == plan.image);
    CHECK(read.root == plan.root);
    CHECK(read.clone_of == plan.clone_of);
    CHECK(read.shares_lock);
    CHECK(read.poweroff_signal == plan.poweroff_signal);
    CHECK_FALSE(read.passes_descriptors);
    CHECK(read.boots);
    CHECK(read.files == plan.files);
    CHECK(read.sets_addresses);
    CHECK(read.masquerades);
    CHECK(read.moved_links == plan.moved_links);
}

TEST_CASE("what is no launch plan is refused", "[machine]") {
    LaunchPlan half;
    half.arguments = {"/usr/bin/systemd-nspawn"};
    half.mount = "/run/slipway/machines/web/root";
    LaunchPlan strange;
    strange.arguments = {"/usr/bin/systemd-nspawn"};
    strange.undo = {{Undo::Kind::Unmount, "/x"}};
    std::string unknown = plan_to_json(strange);
    unknown.replace(unknown.find("unmount"), 7, "umount!");
    for (const std::string& text : {std::string(), std::string("[]"), std::string("{}"),
                                    plan_to_json(LaunchPlan{}), plan_to_json(half), unknown}) {
        INFO(text);
        CHECK_THROWS_AS(plan_from_json(text), Error);
    }
}
