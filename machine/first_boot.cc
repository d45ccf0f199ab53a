// The guest opens the port late and for one line. Where nobody listens at the host's end the kernel
// makes the write wait, so that both languages give it a minute and carry on.

#include "machine/first_boot.hh"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/json.hh"

namespace slipway::machine {
namespace {

using nlohmann::json;

constexpr int kPatienceSeconds = 60;

// Run-parts of cloud-init's last stage, behind packages and users. It is a file, since runcmd and
// its kin run at the first boot only.
constexpr const char* kReadyScript = "/var/lib/cloud/scripts/per-boot/slipway-ready";

std::string ready_port() {
    return std::string("/dev/virtio-ports/") + kReadyPort;
}

// tee(1) and timeout(1): a shell that opens the port itself could not be called back.
std::string ready_script() {
    return fmt::format("#!/bin/sh\n"
                       "# Tells the host that this machine is up.\n"
                       "port={}\n"
                       "[ -c \"$port\" ] || exit 0\n"
                       "echo READY=1 | timeout {} tee \"$port\" >/dev/null || :\n",
                       ready_port(), kPatienceSeconds);
}

std::string ready_unit() {
    return fmt::format("[Unit]\n"
                       "Description=Tell the host that this machine is up\n"
                       "After=multi-user.target\n"
                       "ConditionPathExists={0}\n"
                       "\n"
                       "[Service]\n"
                       "Type=oneshot\n"
                       "ExecStart=-/bin/sh -c 'echo READY=1 >{0}'\n"
                       "TimeoutStartSec={1}\n",
                       ready_port(), kPatienceSeconds);
}

// cloud-init would not make root, who is there; his keys go another way.
bool keys_are_roots(const FirstBoot& boot) {
    return boot.user.empty() || boot.user == "root";
}

json user_of(const FirstBoot& boot) {
    return {{"name", boot.user},
            {"shell", "/bin/bash"}, // useradd's own default is a bare sh on Debian
            {"lock_passwd", true},
            {"sudo", "ALL=(ALL) NOPASSWD:ALL"},
            {"ssh_authorized_keys", boot.ssh_keys}};
}

json cloud_config(const FirstBoot& boot) {
    json config{{"ssh_pwauth", false}};
    if (keys_are_roots(boot)) {
        config["disable_root"] = false;
        config["ssh_authorized_keys"] = boot.ssh_keys;
    } else {
        config["users"] = json::array({user_of(boot)});
    }
    if (!boot.packages.empty()) {
        config["packages"] = boot.packages;
    }
    if (boot.reports_ready) {
        config["write_files"] = json::array(
            {{{"path", kReadyScript}, {"permissions", "0755"}, {"content", ready_script()}}});
    }
    return config;
}

} // namespace

std::map<std::string, std::string> seed_files(const FirstBoot& boot) {
    json meta{{"instance-id", boot.instance_id}};
    if (!boot.hostname.empty()) {
        meta["local-hostname"] = boot.hostname;
    }
    return {{"meta-data", meta.dump(2) + "\n"},
            {"user-data", "#cloud-config\n" + cloud_config(boot).dump(2) + "\n"}};
}

std::map<std::string, std::string> guest_credentials(const FirstBoot& boot) {
    std::map<std::string, std::string> credentials;
    if (!boot.hostname.empty()) {
        credentials["system.hostname"] = boot.hostname;
    }
    if (keys_are_roots(boot) && !boot.ssh_keys.empty()) {
        credentials["ssh.authorized_keys.root"] =
            fmt::format("{}\n", fmt::join(boot.ssh_keys, "\n"));
    }
    if (boot.reports_ready) {
        credentials["systemd.extra-unit.slipway-ready.service"] = ready_unit();
        credentials["systemd.unit-dropin.multi-user.target"] =
            "[Unit]\nWants=slipway-ready.service\n";
    }
    return credentials;
}

} // namespace slipway::machine
