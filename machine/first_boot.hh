// What a machine is told when it boots for the first time, and the two languages in which guests
// understand it: cloud-init's NoCloud files and systemd's credentials. Pure; who writes the files
// on a disk is spawn/seed_disk.hh.
//
// Both end in the line "READY=1" on the virtio port kReadyPort, at every boot.

#pragma once

#include <map>
#include <string>
#include <vector>

namespace slipway::machine {

/// The name of the virtio port: the guest finds it as /dev/virtio-ports/NAME.
inline constexpr const char* kReadyPort = "org.slipway.ready";

/// Values as the functions of first_boot_values.hh give them.
struct FirstBoot {
    std::string instance_id{};           ///< another one: the next boot is a first one again
    std::string hostname{};              ///< empty: the image's own
    std::string user{};                  ///< made with passwordless sudo; empty: keys are root's
    std::vector<std::string> ssh_keys{}; ///< may log in
    std::vector<std::string> packages{}; ///< installed
    bool reports_ready = false;          ///< there is a virtio port for it
    bool operator==(const FirstBoot&) const = default;
};

/// The files of a NoCloud seed by name, "meta-data" and "user-data" (cloud-init, "NoCloud" and
/// "Cloud config"), in JSON, which is YAML. Without a user root has the keys, and so has the user
/// whom the image makes by itself. With one that user is not made, and root's door is left as the
/// image has it. Nobody logs in with a password over SSH.
std::map<std::string, std::string> seed_files(const FirstBoot& boot);

/// System credentials by name, for guests of systemd 256 and later without cloud-init
/// (systemd.system-credentials(7)): host name, root's keys, readiness. They are read at every boot.
/// No credential makes a user or installs a package: with a user the keys are left out, so that
/// root's door does not open instead.
std::map<std::string, std::string> guest_credentials(const FirstBoot& boot);

} // namespace slipway::machine
