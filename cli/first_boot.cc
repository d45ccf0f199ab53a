// The machine's directory is locked while it is prepared: of two that start it at a time one comes
// too late, and may not change what the other's machine was given.

#include "cli/first_boot.hh"

#include <array>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "cli/state_directory.hh"
#include "machine/first_boot_values.hh"
#include "machine/qemu.hh"
#include "spawn/machine_key.hh"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;

Fd make_locked_directory(const fs::path& path) {
    std::error_code ignored;
    fs::create_directories(path.parent_path(), ignored);
    ::mkdir(path.c_str(), 0700);
    Fd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!directory || ::flock(directory.get(), LOCK_EX) < 0) {
        throw errno_error("cannot make the directory {}", quoted(path.string()));
    }
    return directory;
}

// One that is replaced has another inode, or was born later.
std::string identity_of(const fs::path& image) {
    struct statx info {};
    if (::statx(AT_FDCWD, image.c_str(), 0, STATX_INO | STATX_BTIME, &info) < 0) {
        throw errno_error("cannot look at {}", quoted(image.string()));
    }
    return fmt::format("{}:{} {} {}.{:09}\n", info.stx_dev_major, info.stx_dev_minor, info.stx_ino,
                       info.stx_btime.tv_sec, info.stx_btime.tv_nsec);
}

void forget_other_image(const fs::path& kept, const fs::path& image) {
    const fs::path file = kept / "image";
    const std::string now = identity_of(image);
    std::string before;
    std::getline(std::ifstream(file), before);
    if (before + "\n" == now) {
        return;
    }
    for (const char* name : {"efi-variables.fd", "known_hosts"}) {
        fs::remove(kept / name);
    }
    std::ofstream(file) << now;
}

} // namespace

fs::path kept_machines() {
    return state_directory(true, [](const char* name) { return std::getenv(name); }) / "machines";
}

machine::FirstBoot prepare_first_boot(const machine::MachineSpec& spec, const Options& options) {
    machine::FirstBoot boot;
    boot.user = spec.user.empty() ? "" : machine::parse_guest_user(spec.user);
    const fs::path kept = machine::kept_directory(spec, kept_machines());
    const Fd lock = make_locked_directory(kept);
    forget_other_image(kept, spec.root);
    boot.ssh_keys = {spawn::keep_machine_key(kept, "slipway-" + spec.name).public_line};
    boot.ssh_keys.insert(boot.ssh_keys.end(), options.machine.ssh_keys.begin(),
                         options.machine.ssh_keys.end());
    boot.instance_id = "slipway-" + spec.name; // of a clone with another name: a first boot again
    boot.hostname = spec.hostname.empty() ? spec.name : spec.hostname;
    boot.packages = options.machine.packages;
    boot.reports_ready = true;
    return boot;
}

} // namespace slipway::cli
