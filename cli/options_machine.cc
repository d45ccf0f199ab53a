// What is said about machines that run.

#include <array>

#include "base/error.hh"
#include "base/quoted.hh"
#include "cli/option_groups.hh"
#include "spawn/signal_name.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kMachines = "Machines";

constexpr std::array kOptions{
    OptionSpec{
        .group = kMachines,
        .name = "machine",
        .letter = 'M',
        .value = "NAME",
        .help = "What the machine is called; without it, as its image is",
        .verbs = kRunMachine,
        .apply = [](Options& o, std::string_view value) { o.machine.name = value; },
    },
    OptionSpec{
        .group = kMachines,
        .name = "engine",
        .value = "ENGINE",
        .completion = Completion::Words,
        .words = "nspawn-direct nspawn-unit qemu",
        .help = "What runs the machine; without it, what suits the host",
        .verbs = kRunMachine,
        .apply = [](Options& o,
                    std::string_view value) { o.machine.engine = machine::parse_engine(value); },
    },
    OptionSpec{
        .group = kMachines,
        .name = "in-place",
        .help = "Let the command write into the image, instead of what is thrown away",
        .verbs = verbs(Verb::Run),
        .apply = [](Options& o, std::string_view) { o.machine.in_place = true; },
    },
    OptionSpec{
        .group = kMachines,
        .name = "signal",
        .letter = 's',
        .value = "SIGNAL",
        .fallback = "SIGTERM",
        .help = "What to send, by name or number",
        .verbs = verbs(Verb::Kill),
        .apply = [](Options& o,
                    std::string_view value) { o.machine.signal = spawn::parse_signal(value); },
    },
    OptionSpec{
        .group = kMachines,
        .name = "kill-whom",
        .value = "WHOM",
        .fallback = "all",
        .completion = Completion::Words,
        .words = "all leader",
        .help = "Whom to send it to: every process, or the first one alone",
        .verbs = verbs(Verb::Kill),
        .apply =
            [](Options& o, std::string_view value) {
                if (value != "all" && value != "leader") {
                    throw Error(Kind::InvalidArgument, "{} is neither all nor leader",
                                quoted(value));
                }
                o.machine.kill_leader = value == "leader";
            },
    },
    OptionSpec{
        .group = kMachines,
        .name = "mkdir",
        .help = "Make the directory or file to mount on, and what leads to it",
        .verbs = verbs(Verb::Bind),
        .apply = [](Options& o, std::string_view) { o.machine.make_target = true; },
    },
    OptionSpec{
        .group = kMachines,
        .name = "follow",
        .letter = 'f',
        .help = "Go on with what is said from now on, until the machine ends",
        .verbs = verbs(Verb::Log),
        .apply = [](Options& o, std::string_view) { o.machine.follow = true; },
    },
};

} // namespace

std::span<const OptionSpec> machine_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
