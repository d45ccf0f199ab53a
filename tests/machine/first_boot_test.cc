// What a guest reads: the seed through a YAML reader, as cloud-init has one, and the script and the
// unit by running them.

#include <cstdlib>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.hh"
#include "base/json.hh"
#include "machine/first_boot.hh"
#include "machine/first_boot_values.hh"
#include "tests/catch.hh"
#include "tests/support/programs.hh"

using namespace slipway;
using namespace slipway::machine;
using namespace slipway::tests;
using nlohmann::json;

namespace {

const std::string kKey = "ssh-ed25519 "
                         "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
constexpr const char* kPort = "/dev/virtio-ports/org.slipway.ready";

// What python3-yaml, which is cloud-init's reader, makes of `text`.
json from_yaml(const std::string& text) {
    return json::parse(
        run_ok({"python3", "-c",
                "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer.read()), "
                "sys.stdout)"},
               {.input = text}));
}

std::string ready_script() {
    return from_yaml(
        seed_files({.reports_ready = true}).at("user-data"))["write_files"][0]["content"];
}

// The other end of a terminal that stands where the port would be.
class Port {
public:
    Port() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) {
        REQUIRE(::grantpt(master_.get()) == 0);
        REQUIRE(::unlockpt(master_.get()) == 0);
        name_ = ::ptsname(master_.get());
    }
    const std::string& name() const { return name_; }
    std::string said() const {
        std::string text(100, '\0');
        const ssize_t got = ::read(master_.get(), text.data(), text.size());
        text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return text;
    }

private:
    Fd master_;
    std::string name_;
};

std::string with_port(std::string text, const std::string& path) {
    const std::string port = kPort;
    for (std::size_t at = text.find(port); at != text.npos; at = text.find(port, at)) {
        text.replace(at, port.size(), path);
    }
    return text;
}

} // namespace

TEST_CASE("a seed names the instance and its host, and its second file is a cloud-config",
          "[machine]") {
    const auto files = seed_files({.instance_id = "i-1", .hostname = "web.example.org"});
    CHECK(files.size() == 2);
    CHECK(from_yaml(files.at("meta-data")) ==
          json{{"instance-id", "i-1"}, {"local-hostname", "web.example.org"}});
    CHECK(files.at("user-data").starts_with("#cloud-config\n"));
    CHECK(from_yaml(seed_files({.instance_id = "i-1"}).at("meta-data")) ==
          json{{"instance-id", "i-1"}});
}

TEST_CASE("without a user the keys are root's, and the image's own user is made as ever",
          "[machine]") {
    for (const char* user : {"", "root"}) {
        const auto files = seed_files({.user = user, .ssh_keys = {kKey, kKey + " two"}});
        CHECK(from_yaml(files.at("user-data")) ==
              json{{"disable_root", false},
                   {"ssh_authorized_keys", {kKey, kKey + " two"}},
                   {"ssh_pwauth", false}});
    }
}

TEST_CASE("a user has the keys, a shell and sudo, and root's door is left alone", "[machine]") {
    const auto files = seed_files({.user = "ada", .ssh_keys = {kKey}, .packages = {"vim", "g++"}});
    CHECK(from_yaml(files.at("user-data")) == json{{"packages", {"vim", "g++"}},
                                                   {"ssh_pwauth", false},
                                                   {"users",
                                                    {{{"lock_passwd", true},
                                                      {"name", "ada"},
                                                      {"shell", "/bin/bash"},
                                                      {"ssh_authorized_keys", {kKey}},
                                                      {"sudo", "ALL=(ALL) NOPASSWD:ALL"}}}}});
}

TEST_CASE("what a key's comment holds arrives in YAML as it was", "[machine]") {
    const std::string key =
        parse_ssh_key(kKey + " {[\"a: b\", 'c' # d]} \\n & *e !f | > % @ ` λ 🔑 \t.");
    const auto files = seed_files({.ssh_keys = {key}});
    CHECK(from_yaml(files.at("user-data"))["ssh_authorized_keys"][0] == key);
}

TEST_CASE("readiness is a script of every boot", "[machine]") {
    const json config = from_yaml(seed_files({.reports_ready = true}).at("user-data"));
    REQUIRE(config["write_files"].size() == 1);
    CHECK(config["write_files"][0]["path"] == "/var/lib/cloud/scripts/per-boot/slipway-ready");
    CHECK(config["write_files"][0]["permissions"] == "0755");
    CHECK_FALSE(from_yaml(seed_files({}).at("user-data")).contains("write_files"));
}

TEST_CASE("the script says READY=1 into the port, and nothing where there is none", "[machine]") {
    const TempDir top;
    const std::string script = ready_script();
    REQUIRE(script.find(kPort) != script.npos);
    const std::string file = top / "slipway-ready";

    const Port port;
    REQUIRE(::symlink(port.name().c_str(), (top / "port").c_str()) == 0);
    write_file(file, with_port(script, top / "port"));
    const Fd held(::open(port.name().c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
    CHECK(run_ok({"sh", file}) == "");
    CHECK(port.said() == "READY=1\r\n");

    write_file(file, with_port(script, top / "none"));
    const RunResult nothing = run({"sh", file});
    CHECK(nothing.status == 0);
    CHECK(nothing.out + nothing.err == "");
    CHECK_FALSE(std::filesystem::exists(top / "none"));
}

TEST_CASE("a guest of systemd gets its name, root's keys and a unit", "[machine]") {
    const auto credentials = guest_credentials(
        {.hostname = "web", .ssh_keys = {kKey, kKey + " two"}, .reports_ready = true});
    CHECK(credentials ==
          std::map<std::string, std::string>{
              {"ssh.authorized_keys.root", kKey + "\n" + kKey + " two\n"},
              {"system.hostname", "web"},
              {"systemd.extra-unit.slipway-ready.service",
               "[Unit]\n"
               "Description=Tell the host that this machine is up\n"
               "After=multi-user.target\n"
               "ConditionPathExists=/dev/virtio-ports/org.slipway.ready\n"
               "\n"
               "[Service]\n"
               "Type=oneshot\n"
               "ExecStart=-/bin/sh -c 'echo READY=1 >/dev/virtio-ports/org.slipway.ready'\n"
               "TimeoutStartSec=60\n"},
              {"systemd.unit-dropin.multi-user.target", "[Unit]\nWants=slipway-ready.service\n"}});
    CHECK(guest_credentials({}).empty());
    CHECK(guest_credentials({.user = "ada", .ssh_keys = {kKey}}).empty());
}

TEST_CASE("systemd finds nothing to say against the unit", "[machine]") {
    const TempDir top;
    const auto credentials = guest_credentials({.reports_ready = true});
    const std::string unit = top / "slipway-ready.service";
    write_file(unit, credentials.at("systemd.extra-unit.slipway-ready.service"));
    const RunResult verdict = run({"systemd-analyze", "verify", "--man=no", unit});
    INFO(verdict.err);
    CHECK(verdict.status == 0);
    CHECK(verdict.err.find("slipway-ready") == std::string::npos);
}
