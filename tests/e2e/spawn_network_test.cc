// Machines with a network of their own, where no systemd-networkd runs.

#include <csignal>
#include <fstream>
#include <stdexcept>

#include <fmt/format.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include "base/json.hh"
#include "spawn/machine_subnet.hh"
#include "spawn/process_id.hh"
#include "tests/catch.hh"
#include "tests/e2e/booted_machine.hh"
#include "tests/e2e/processes.hh"

using namespace slipway;
using namespace slipway::tests;

namespace {

using Lines = std::vector<std::string>;

// Applets that the small tree does not have by name.
RunResult applet(const BusyboxMachine& machine, std::vector<std::string> words) {
    words.insert(words.begin(), "busybox");
    return machine.shell(words);
}

class ConnectedMachine : public BusyboxMachine {
public:
    explicit ConnectedMachine(const std::string& users = "--private-users=no")
        : BusyboxMachine("--network-veth") {
        plan.arguments.push_back(users);
        plan.sets_addresses = true;
    }

    std::string address() const {
        for (const auto& one : nlohmann::json::parse(slipway({"list", "--json=short"}).out)) {
            if (one.at("machine") == name()) {
                return one.at("addresses").at(0).get<std::string>();
            }
        }
        throw std::runtime_error("no machine " + name());
    }

    // A web server in the machine, that answers its own address and logs who asks.
    void serve() {
        write_file(pool / "bb/root/index.html", name() + "\n");
        write_file(pool / "bb/etc/inittab",
                   "::sysinit:/bin/echo up and running\n"
                   "::respawn:/bin/busybox httpd -f -v -p 8080 -h /root\n");
    }
};

// What a test changes of the whole host is as it was at its end.
class Forwarding {
public:
    Forwarding() : before_(read_file(kFile)) {}
    ~Forwarding() { std::ofstream(kFile) << before_; }
    Forwarding(const Forwarding&) = delete;
    Forwarding& operator=(const Forwarding&) = delete;

private:
    static constexpr const char* kFile = "/proc/sys/net/ipv4/ip_forward";
    std::string before_;
};

// Neither of them takes anything away.
void kill_with_engine(const BusyboxMachine& machine) {
    const spawn::ProcessId supervisor = machine.record().supervisor;
    const std::optional<pid_t> engine = find_child_of(supervisor.pid, "systemd-nspawn");
    spawn::signal_process(supervisor, SIGKILL);
    REQUIRE(engine);
    ::kill(*engine, SIGKILL);
    REQUIRE(wait_for_end(supervisor.pid, BusyboxMachine::kPatience));
}

std::string host_end(const ConnectedMachine& machine) {
    const std::string address = machine.address();
    const std::size_t dot = address.rfind('.');
    return fmt::format("{}.{}", address.substr(0, dot), std::stoi(address.substr(dot + 1)) - 1);
}

} // namespace

TEST_CASE("a machine has an address, and the host is where it goes to", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string users = GENERATE("--private-users=no", "--private-users=pick");
    ConnectedMachine machine(users);
    machine.plan.arguments.emplace_back("--private-users-ownership=auto");
    machine.boot();
    CHECK(machine.address() == "10.201" + machine.address().substr(6));
    CHECK_THAT(machine.slipway({"list"}).out, contains(machine.address()));
    CHECK_THAT(machine.slipway({"status", machine.name()}).out, contains(machine.address()));
    CHECK_THAT(applet(machine, {"ip", "-o", "address", "show", "dev", "host0"}).out,
               contains(machine.address() + "/28"));
    CHECK_THAT(applet(machine, {"ip", "route"}).out,
               contains("default via " + host_end(machine) + " dev host0"));
    CHECK(applet(machine, {"ping", "-c", "1", "-W", "5", host_end(machine)}).status == 0);

    const std::string before = machine.address();
    const auto old = machine.record().leader;
    REQUIRE(machine.slipway({"reboot", machine.name()}).status == 0);
    spawn::MachineRecord now = machine.record();
    while (!now.is_ready || now.leader == old) {
        ::poll(nullptr, 0, 20); // the file tells nobody that it changes
        now = machine.record();
        REQUIRE(now.state != spawn::RunState::Stopping);
    }
    CHECK(machine.address() == before);
    REQUIRE(machine.slipway({"poweroff", machine.name()}).status == 0);
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a port of the host leads into the machine, as long as that is there", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    for (int round = 0; round < 2; ++round) { // nothing of a killed one is in the next one's way
        ConnectedMachine machine;
        machine.serve();
        machine.plan.arguments.emplace_back("--port=tcp:18081:8080");
        machine.plan.undo.insert(machine.plan.undo.begin(),
                                 {machine::Undo::Kind::ReleasePort, "tcp 18081"});
        machine.boot();
        const std::string url = fmt::format("http://{}:18081/", host_end(machine));
        CHECK(run_ok({"curl", "-sS", "--retry", "20", "--retry-delay", "1", "--retry-all-errors",
                      "--max-time", "60", url}) == machine.name() + "\n");
    }
    CHECK(run({"/usr/sbin/nft", "get", "element", "ip", "io.systemd.nat", "map_port_ipport",
               "{ tcp . 18081 }"})
              .status != 0);
}

TEST_CASE("what a machine with address translation sends comes from the host, until it ends",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const Forwarding forwarding;
    ConnectedMachine server;
    server.serve();
    server.boot();
    ConnectedMachine client;
    const std::string table = "inet slipway-" + client.name();
    client.plan.masquerades = true;
    client.plan.undo.insert(client.plan.undo.begin(), {machine::Undo::Kind::RemoveTable, table});
    client.boot();
    const RunResult page =
        client.shell({"busybox", "nc", server.address(), "8080"}, "GET / HTTP/1.0\r\n\r\n");
    INFO(page.err);
    CHECK_THAT(page.out, contains("\r\n\r\n" + server.name() + "\n"));
    server.wait_for_console(host_end(server)); // and not client.address()
    CHECK(server.console().find(client.address()) == std::string::npos);
    REQUIRE(client.slipway({"poweroff", client.name()}).status == 0);
    CHECK(run({"/usr/sbin/nft", "list", "table", "inet", "slipway-" + client.name()}).status != 0);
    REQUIRE(server.slipway({"poweroff", server.name()}).status == 0);
    CHECK(client.traces() == Lines{});
}

TEST_CASE("an interface of the host's is the machine's, and one that is not there is named",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    using Kind = machine::HostLink::Kind;
    const std::string here = fmt::format("sl{}", ::getpid());
    run_ok({"ip", "link", "add", here, "type", "veth", "peer", "name", here + "p"});
    {
        BusyboxMachine machine;
        machine.plan.moved_links = {{Kind::Macvlan, here + "p", "lan0"},
                                    {Kind::Interface, here, "wan0"}};
        machine.boot();
        CHECK(::if_nametoindex(here.c_str()) == 0);
        const std::string links = applet(machine, {"ip", "link"}).out;
        CHECK_THAT(links, contains(" lan0@"));
        CHECK_THAT(links, contains(" wan0@"));
    }
    run({"ip", "link", "delete", here + "p"});

    BusyboxMachine machine;
    machine.plan.moved_links = {{Kind::Interface, "no-such-link", ""}};
    CHECK_THROWS_WITH(machine.boot(), contains("no network interface 'no-such-link'"));
    CHECK(machine.traces() == Lines{});
}

TEST_CASE("a link with a name that the kernel cannot hold goes with its machine", "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const spawn::Netlink links;
    const std::string name = fmt::format("sl{}", ::getpid());
    const std::string other = "ve-a-machine-with-a-long-name-" + name;
    run_ok({"ip", "link", "add", name, "type", "veth", "peer", "name", name + "p"});
    run_ok({"ip", "link", "property", "add", "dev", name, "altname", other});
    links.remove(other);
    CHECK(::if_nametoindex(name.c_str()) == 0);
    CHECK_NOTHROW(links.remove(other));
}

TEST_CASE("the bridge of a zone goes with its last machine, also when everything is killed",
          "[e2e][spawn]") {
    if (auto why = no_machines()) {
        SKIP(*why);
    }
    const std::string zone = fmt::format("s{}", ::getpid() % 100'000);
    const std::string bridge = "vz-" + zone;
    BusyboxMachine one("--network-zone=" + zone);
    BusyboxMachine other("--network-zone=" + zone);
    for (BusyboxMachine* machine : {&one, &other}) {
        machine->plan.undo.insert(machine->plan.undo.begin(),
                                  {{machine::Undo::Kind::RemoveBridge, bridge},
                                   {machine::Undo::Kind::RemoveLink, "vb-" + machine->name()}});
        machine->boot();
    }
    CHECK(::if_nametoindex(bridge.c_str()) > 0);
    kill_with_engine(one);
    REQUIRE(one.slipway({"list"}).status == 0);
    CHECK(::if_nametoindex(bridge.c_str()) > 0);
    kill_with_engine(other);
    REQUIRE(other.slipway({"list"}).status == 0);
    CHECK(::if_nametoindex(bridge.c_str()) == 0);
}
