// slipway start NAME

#include <fmt/format.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/commands.hh"
#include "cli/machines.hh"
#include "spawn/host_facts.hh"
#include "spawn/launch.hh"
#include "spawn/merge.hh"
#include "spawn/settings_places.hh"
#include "storage/catalog.hh"

namespace slipway::cli {
namespace {

constexpr std::chrono::seconds kPatience{90};

storage::Image find_image(const Options& options, const std::string& name) {
    const auto located = storage::locate_image(searched(options), storage::ImageName::parse(name));
    if (!located) {
        throw Error(Kind::NotFound,
                    "there is no image {}; 'slipway list-images' shows those that "
                    "there are",
                    quoted(name));
    }
    return located->image;
}

spawn::SettingsFile read_settings(const spawn::MachineSpec& image, const Options& options,
                                  Console& console) {
    const spawn::FoundSettings found =
        spawn::find_settings(image.image, {.beside_image = image.root.parent_path()});
    if (!found.file) {
        return {};
    }
    for (const spawn::IgnoredLine& ignored : found.file->ignored) {
        if (!options.quiet) {
            print_error(console, spawn::text_of(ignored, found.file->path));
        }
    }
    return *found.file;
}

// An init that does not know how to say so would be waited for in vain. What a disk holds is not
// known before it is mounted.
bool can_say_ready(const spawn::MachineSpec& image) {
    if (image.type == storage::ImageType::Raw || image.type == storage::ImageType::Block) {
        return true;
    }
    std::error_code error;
    return std::filesystem::exists(image.root / "usr/lib/systemd/systemd", error) ||
           std::filesystem::exists(image.root / "lib/systemd/systemd", error);
}

spawn::LaunchPlan make_plan(const Options& options, const std::string& name, Console& console) {
    const storage::Image found = find_image(options, name);
    spawn::MachineSpec image;
    image.name = options.machine.name.empty() ? name : options.machine.name;
    image.image = name;
    image.root = found.path;
    image.type = found.type;
    image.read_only = found.read_only;
    image.notify_ready = can_say_ready(image);
    const spawn::MachineSpec spec = spawn::merge(image, {}, read_settings(image, options, console));
    const spawn::HostFacts host = spawn::find_host_facts(spec.root, spec.type);
    const spawn::EngineKind engine = options.machine.engine.value_or(spawn::choose_engine(host));
    if (engine == spawn::EngineKind::NspawnUnit) {
        throw Error(Kind::Unsupported,
                    "machines are not yet started through the host's systemd; use "
                    "--engine=nspawn-direct");
    }
    return spawn::plan_launch(spec, host, engine);
}

} // namespace

int cmd_start(const Invocation& asked, Console& console) {
    const Options& options = asked.options;
    open_machines(console);
    const spawn::LaunchPlan plan = make_plan(options, asked.operands.front(), console);
    for (const std::string& note : plan.notes) {
        if (!options.quiet) {
            print_error(console, note);
        }
    }
    const spawn::Until until = options.wait ? spawn::Until::Ready : spawn::Until::Running;
    if (!spawn::launch(plan, until, kPatience).is_ready && options.wait) {
        print_error(console, fmt::format("machine {} runs, but has not said that it has booted; "
                                         "'slipway status' shows its console",
                                         quoted(plan.machine)));
    }
    return 0;
}

} // namespace slipway::cli
