// What a disk holds is not known before it is mounted: of one nothing is looked up here.

#include "cli/machine_plan.hh"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/log.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/first_boot.hh"
#include "cli/image_boots.hh"
#include "machine/host_facts.hh"
#include "machine/kvm_probe.hh"
#include "machine/merge.hh"
#include "machine/root_hash.hh"
#include "machine/root_tree.hh"
#include "machine/settings_places.hh"
#include "spawn/machine_clone.hh"
#include "storage/catalog.hh"
#include "storage/clone_way.hh"
#include "volume/tree_usage.hh"

namespace slipway::cli {
namespace {

bool is_virtual(const Options& options) noexcept {
    return options.machine.engine == machine::EngineKind::Qemu;
}

storage::Located find_image(const Options& options, const std::string& name) {
    auto located = storage::locate_image(searched(options), storage::ImageName::parse(name));
    if (!located) {
        throw Error(Kind::NotFound,
                    "there is no image {}; 'slipway list-images' shows those that "
                    "there are",
                    quoted(name));
    }
    return std::move(*located);
}

machine::SettingsFile read_settings(const machine::MachineSpec& image, const Options& options,
                                    Console& console) {
    const machine::FoundSettings found =
        machine::find_settings(image.image, {.beside_image = image.root.parent_path()});
    if (!found.file) {
        return {};
    }
    for (const machine::IgnoredLine& ignored : found.file->ignored) {
        if (!options.quiet) {
            print_error(console, machine::text_of(ignored, found.file->path));
        }
    }
    return *found.file;
}

// Empty for a disk.
Fd open_tree(const machine::MachineSpec& spec) {
    return Fd(::open(spec.root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
}

// An init that does not know how to say so would be waited for in vain.
bool can_say_ready(const machine::MachineSpec& spec) {
    const Fd tree = open_tree(spec);
    return !tree || machine::find_init(tree.get()).ends_with("/systemd");
}

// What images of application containers begin with, where they have one.
std::string entry_point(int tree) {
    for (const char* program : {"/docker-entrypoint.sh", "/entrypoint.sh"}) {
        if (machine::why_not_run(tree, program) == 0) {
            return program;
        }
    }
    return "/bin/sh";
}

void check_init(const machine::MachineSpec& spec) {
    const Fd tree = open_tree(spec);
    const bool boots_tree = tree && spec.mode == machine::Mode::Boot && spec.pivot_root.empty();
    if (boots_tree && machine::find_init(tree.get()).empty()) {
        throw Error(Kind::Unsupported,
                    "the image {} has no init to boot: none of /usr/lib/systemd/systemd, "
                    "/lib/systemd/systemd and /sbin/init; nothing was started. Such are images of "
                    "applications: run a command of it with 'slipway run {} {}'",
                    quoted(spec.image), spec.image, entry_point(tree.get()));
    }
}

// With the host's network the engine sees to it.
void tell_empty_resolv_conf(const machine::MachineSpec& spec, Console& console) {
    const Fd tree = open_tree(spec);
    const bool has_own_network =
        spec.network != machine::Network::Host && spec.network != machine::Network::None;
    if (tree && spec.resolv_conf.empty() && has_own_network &&
        machine::has_empty_resolv_conf(tree.get())) {
        print_error(console,
                    fmt::format("/etc/resolv.conf of the image {} is empty: no names are resolved "
                                "in the machine; --resolv-conf=bind-host shows it the host's",
                                quoted(spec.image)));
    }
}

storage::CloneWay way_of_clone(const machine::MachineSpec& spec, const std::filesystem::path& at) {
    const std::optional<storage::Pool> pool = storage::Pool::find(at);
    const Fd image(::open(spec.root.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    return pool && image ? storage::way_of_clone(image.get(), spec.type, *pool)
                         : storage::CloneWay::Copy;
}

// An overlay takes no idmapped mount: users with numbers of their own there mean that every file is
// copied up into memory, for a Debian 280 MB and two seconds. With the host's numbers the machine's
// root still has no rights outside of it.
void throw_away(machine::MachineSpec& spec, const machine::Settings& flags,
                const std::filesystem::path& pool) {
    if (spec.ephemeral || spec.read_only || spec.is_volatile != machine::Volatile::No) {
        return;
    }
    spec.is_special = true;
    if (way_of_clone(spec, pool) == storage::CloneWay::Snapshot) {
        spec.ephemeral = true;
        return;
    }
    spec.is_volatile = machine::Volatile::Overlay;
    if (!flags.private_users && spec.private_users == machine::PrivateUsers::Pick) {
        spec.private_users = machine::PrivateUsers::Identity;
    }
}

std::string size_of(const std::filesystem::path& image) {
    constexpr std::uint64_t kStatBlockBytes = 512;
    struct stat info {};
    if (::stat(image.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
        return format_size(static_cast<std::uint64_t>(info.st_blocks) * kStatBlockBytes);
    }
    const std::array roots{image};
    const auto size_bytes = volume::measure_trees(roots, {}, {}).front();
    return size_bytes ? format_size(*size_bytes) : "what it holds";
}

void tell_copy(const machine::MachineSpec& spec, const machine::LaunchPlan& plan,
               Console& console) {
    if (plan.engine != machine::EngineKind::Qemu && spec.ephemeral &&
        way_of_clone(spec, spec.clone.parent_path()) == storage::CloneWay::Copy) {
        print_error(console,
                    fmt::format("the file system of the image {} shares no blocks: for this "
                                "machine it is copied, {}. --volatile=overlay keeps what the "
                                "machine writes in memory instead",
                                quoted(spec.image), size_of(spec.root)));
        console.err.drain();
    }
}

} // namespace

Options choose_by_disk(Options options, const std::string& name) {
    const storage::Located found = find_image(options, name);
    const bool is_tree = found.image.type == storage::ImageType::Directory ||
                         found.image.type == storage::ImageType::Subvolume;
    const bool is_open =
        !options.machine.engine || (is_virtual(options) && !options.machine.hardware.firmware);
    if (is_tree || !is_open) {
        return options;
    }
    std::optional<disk::BootWays> ways;
    try {
        ways = find_boot_ways(options, name, found.image);
    } catch (const Error& error) {
        debug("what the disk {} boots as: {}", quoted(name), error.what());
    }
    if (!ways) {
        return options;
    }
    if (!options.machine.engine && !ways->container.works && ways->machine.works) {
        options.machine.engine = machine::EngineKind::Qemu;
    }
    if (ways->firmware == std::vector<std::string>{"bios"} && !options.machine.hardware.firmware &&
        is_virtual(options)) {
        options.machine.hardware.firmware = machine::Firmware::Bios;
    }
    return options;
}

machine::MachineSpec specify_machine(const Options& options, const std::string& name,
                                     const machine::Settings& flags, Writes writes,
                                     Console& console) {
    const storage::Located found = find_image(options, name);
    machine::MachineSpec image;
    image.name = options.machine.name.empty() ? name : options.machine.name;
    image.image = name;
    image.root = found.image.path;
    image.type = found.image.type;
    image.root_hash = machine::find_root_hash(found.image);
    image.notify_ready = can_say_ready(image);
    // Such a file says how its image runs as a container.
    machine::MachineSpec spec = machine::merge(
        image, flags,
        is_virtual(options) ? machine::SettingsFile{} : read_settings(image, options, console));
    spec.hardware = options.machine.hardware;
    if (is_virtual(options) && !flags.network) {
        spec.network = machine::Network::User;
    }
    if (writes == Writes::ThrowAway) {
        throw_away(spec, flags, found.pool);
    }
    const bool writes_image = !spec.ephemeral && spec.is_volatile == machine::Volatile::No;
    spec.read_only = spec.read_only || (writes_image && found.image.read_only);
    if (spec.ephemeral) {
        spec.clone = spawn::new_clone_path(found.pool);
    }
    return spec;
}

std::string new_machine_name(const std::string& image, std::string_view suffix) {
    constexpr std::size_t kLongest = 64; // of a host name
    std::string name = image.substr(0, kLongest - 1 - suffix.size());
    std::replace(name.begin(), name.end(), '_', '-'); // which the registry does not have
    return fmt::format("{}-{}", name, suffix);
}

machine::LaunchPlan plan_machine(const machine::MachineSpec& spec, const Options& options,
                                 Console& console) {
    check_init(spec);
    machine::HostFacts host = machine::find_host_facts(spec.root, spec.type);
    host.kept = kept_machines();
    if (is_virtual(options) && !spec.hardware.accelerator) {
        host.has_kvm = machine::kvm_works(); // takes a moment
    }
    const machine::EngineKind engine =
        options.machine.engine ? *options.machine.engine : machine::choose_engine(spec, host);
    machine::LaunchPlan plan = machine::plan_launch(spec, host, engine);
    if (!options.quiet) {
        tell_empty_resolv_conf(spec, console);
        tell_copy(spec, plan, console);
        for (const std::string& note : plan.notes) {
            print_error(console, note);
        }
    }
    return plan;
}

} // namespace slipway::cli
