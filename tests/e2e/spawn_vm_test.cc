// Virtual machines, from start to end.

#include <csignal>

#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/json.hh"
#include "machine/kvm_probe.hh"
#include "spawn/netlink.hh"
#include "spawn/process_id.hh"
#include "spawn/registry.hh"
#include "tests/catch.hh"
#include "tests/e2e/at_terminal.hh"
#include "tests/e2e/processes.hh"
#include "tests/e2e/tiny_machine.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;

spawn::MachineRecord record_of(const TinyMachine& machine) {
    return spawn::Registry().find(machine.name()).value();
}

void wait_for_ready(const TinyMachine& machine, bool is_ready) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(200);
    while (record_of(machine).is_ready != is_ready) {
        REQUIRE(std::chrono::steady_clock::now() < deadline);
        ::poll(nullptr, 0, 20);
    }
}

} // namespace

TEST_CASE("a virtual machine boots, says so, answers on its console, and powers off",
          "[e2e][spawn][vm]") {
    if (auto why = no_virtual_machines()) {
        SKIP(*why);
    }
    const TinyMachine machine;
    const RunResult started = machine.start({"--accelerator=tcg", "--cpus=2"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    CHECK(started.err == "");
    CHECK(record_of(machine).is_ready);
    CHECK_THAT(machine.console(), contains("up and running"));

    const auto listed = nlohmann::json::parse(machine.slipway({"list", "--json=short"}).out);
    REQUIRE(listed.size() == 1);
    CHECK(listed.at(0).at("machine") == machine.name());
    CHECK(listed.at(0).at("class") == "vm");
    CHECK(listed.at(0).at("service") == "qemu");
    CHECK(listed.at(0).at("os") == ""); // which is not the host's
    const RunResult status = machine.slipway({"status", machine.name()});
    CHECK_THAT(status.out, contains("State: running\n") && contains("(qemu-system-x86_64)"));

    AtTerminal person("console " + machine.name());
    person.wait_for("up and running");
    person.type("nproc; echo answer-$((6*7))\n");
    person.wait_for("answer-42");
    CHECK_THAT(person.printed(), contains("\n2\r"));
    person.leave();
    CHECK(person.wait() == 0);

    const RunResult answered =
        machine.slipway({"shell", machine.name(), "sh", "-c", "hostname; echo \"$1\" >&2; exit 7",
                         "sh", "two  words; $HOME"});
    CHECK(answered.status == 7);
    CHECK(answered.out == machine.name() + "\n");
    CHECK(answered.err == "two  words; $HOME\n");
    CHECK(machine.slipway({"shell", "nobody@" + machine.name(), "id"}).status != 0);
    // What enters a container would be on the host here.
    const RunResult refused = machine.slipway({"bind", machine.name(), "/etc"});
    CHECK(refused.status != 0);
    CHECK_THAT(refused.err, contains("is no container but a vm") && contains("slipway shell"));
    const RunResult contradicting =
        machine.start({"--engine=nspawn-direct", "--memory=2G", "--package=vim"});
    CHECK(contradicting.status == exit_status(Kind::InvalidArgument));
    CHECK_THAT(contradicting.err, contains("--package") && contains("nothing was started"));
    CHECK(machine.start().status == exit_status(Kind::Busy));

    const auto leader = record_of(machine).leader;
    CHECK(machine.slipway({"reboot", machine.name()}).status == 0);
    wait_for_ready(machine, false);
    wait_for_ready(machine, true);
    CHECK(record_of(machine).leader == leader);

    const RunResult off = machine.slipway({"poweroff", machine.name()});
    CHECK(off.status == 0);
    CHECK(off.err == "");
    CHECK(machine.traces() == Lines{});
    // The firmware's variables stay, for root alone.
    CHECK(std::filesystem::status(machine.kept() / "efi-variables.fd").permissions() ==
          std::filesystem::perms(0600));
}

TEST_CASE("whoever of a virtual machine is killed, the next verb leaves nothing of it",
          "[e2e][spawn][vm]") {
    if (auto why = no_virtual_machines()) {
        SKIP(*why);
    }
    const std::string who = GENERATE("supervisor", "qemu", "both");
    CAPTURE(who);
    const TinyMachine machine;
    REQUIRE(machine.start({"--accelerator=tcg", "--wait=no"}).status == 0);
    const spawn::MachineRecord record = record_of(machine);
    if (who != "qemu") {
        spawn::signal_process(record.supervisor, SIGKILL);
    }
    if (who != "supervisor") {
        spawn::signal_process(*record.leader, SIGKILL);
    }
    REQUIRE(wait_for_end(record.supervisor.pid, std::chrono::seconds(60)));
    const RunResult listed = machine.slipway({"list"});
    CHECK(listed.status == 0);
    CHECK_THAT(listed.out, contains("No machines"));
    CHECK(!spawn::is_alive(*record.leader));
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("KVM is used where it works alone", "[e2e][spawn][vm]") {
    if (auto why = no_virtual_machines()) {
        SKIP(*why);
    }
    const TinyMachine machine;
    const RunResult started = machine.start({"--wait=no", "--accelerator=auto"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    const std::string words =
        read_file(fmt::format("/proc/{}/cmdline", record_of(machine).leader->pid));
    const bool is_told = started.err.find("KVM does not work on this host") != std::string::npos;
    CHECK(is_told == (words.find(std::string("-accel\0tcg\0", 11)) != std::string::npos));
    CHECK(is_told == !machine::kvm_works());
}

TEST_CASE("virtual machines come and go, and an ephemeral one writes nothing", "[e2e][spawn][vm]") {
    if (auto why = no_virtual_machines()) {
        SKIP(*why);
    }
    const TinyMachine machine;
    const std::string before = read_file(machine.disk());
    for (int round = 0; round < 3; ++round) {
        const RunResult started = machine.start(
            {"--accelerator=tcg", "--ephemeral", "--machine=" + machine.name(), "--wait=no"});
        INFO(started.err);
        REQUIRE(started.status == 0);
        wait_for_ready(machine, true);
        AtTerminal person("login " + machine.name());
        person.wait_for("/ #");
        person.type("echo written > /dev/vda; sync; echo do''ne\n");
        person.wait_for("done");
        REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
        CHECK(person.wait() == 0);
        CHECK(machine.traces() == Lines{});
    }
    CHECK(read_file(machine.disk()) == before);
    // Not even a key of those that are gone.
    CHECK(std::filesystem::is_empty(machine.kept().parent_path()));
}

TEST_CASE("a virtual machine of a zone is on its bridge, which goes with it", "[e2e][spawn][vm]") {
    if (auto why = no_virtual_machines()) {
        SKIP(*why);
    }
    const TinyMachine machine;
    const std::string zone = fmt::format("z{}", ::getpid() % 100'000);
    const RunResult started =
        machine.start({"--accelerator=tcg", "--network=zone:" + zone, "--wait=no"});
    INFO(started.err);
    REQUIRE(started.status == 0);
    const std::string bridge = "vz-" + zone;
    const std::string link = "vt-" + machine.name();
    CHECK(std::filesystem::exists("/sys/class/net/" + bridge + "/brif/" + link));
    wait_for_ready(machine, true);
    AtTerminal person("console " + machine.name());
    person.wait_for("/ #");
    person.type("cat /sys/class/net/eth0/address\n");
    person.wait_for("52:54:00:");
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(person.wait() == 0);
    CHECK(::if_nametoindex(bridge.c_str()) == 0);
    CHECK(machine.traces() == Lines{});
}
