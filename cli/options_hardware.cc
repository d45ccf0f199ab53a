// What is said about a virtual machine alone.

#include <array>
#include <charconv>

#include <fcntl.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"
#include "base/scalar.hh"
#include "base/size.hh"
#include "cli/option_groups.hh"
#include "machine/first_boot_values.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kHardware = "Virtual machines";
constexpr unsigned kMostCpus = 512;

unsigned parse_cpus(std::string_view value) {
    unsigned cpus = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), cpus);
    if (error != std::errc() || end != value.data() + value.size() || cpus == 0 ||
        cpus > kMostCpus) {
        throw Error(Kind::InvalidArgument, "{} is no number of processors; expected 1 to {}",
                    quoted(value), kMostCpus);
    }
    return cpus;
}

std::string read_key_file(std::string_view path) {
    constexpr std::uint64_t kMaxBytes = 64 * KiB;
    const Fd file(::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) {
        throw errno_error("cannot read the key {}", quoted(path));
    }
    return read_all(file.get(), kMaxBytes);
}

template <typename Choice>
std::optional<Choice> parse_one_of(std::string_view value, std::string_view first, Choice one,
                                   std::string_view second, Choice other) {
    if (value == "auto") {
        return std::nullopt;
    }
    if (value != first && value != second) {
        throw Error(Kind::InvalidArgument, "{} is none of auto, {} and {}", quoted(value), first,
                    second);
    }
    return value == first ? one : other;
}

constexpr std::array kOptions{
    OptionSpec{
        .group = kHardware,
        .name = "memory",
        .value = "SIZE",
        .fallback = "2G",
        .help = "What the machine has for memory",
        .verbs = verbs(Verb::Start),
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.hardware.memory_bytes = parse_size(value);
            },
    },
    OptionSpec{
        .group = kHardware,
        .name = "cpus",
        .value = "N",
        .fallback = "1",
        .help = "How many processors it has",
        .verbs = verbs(Verb::Start),
        .apply = [](Options& o,
                    std::string_view value) { o.machine.hardware.cpus = parse_cpus(value); },
    },
    OptionSpec{
        .group = kHardware,
        .name = "firmware",
        .value = "KIND",
        .fallback = "auto",
        .completion = Completion::Words,
        .words = "auto uefi bios",
        .help = "What starts its disk",
        .verbs = verbs(Verb::Start),
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.hardware.firmware = parse_one_of(value, "uefi", machine::Firmware::Uefi,
                                                           "bios", machine::Firmware::Bios);
            },
    },
    OptionSpec{
        .group = kHardware,
        .name = "accelerator",
        .value = "KIND",
        .fallback = "auto",
        .completion = Completion::Words,
        .words = "auto kvm tcg",
        .help = "Who runs its instructions: the processor, or qemu, many times slower. auto takes "
                "kvm where it was found to work",
        .verbs = verbs(Verb::Start),
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.hardware.accelerator = parse_one_of(
                    value, "kvm", machine::Accelerator::Kvm, "tcg", machine::Accelerator::Tcg);
            },
    },
    OptionSpec{
        .group = kHardware,
        .name = "ssh-key",
        .value = "KEY|FILE",
        .help = "A key that may log in from its first boot on: a line of a .pub file, or such a "
                "file. Again: more of them",
        .verbs = verbs(Verb::Start),
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.ssh_keys.push_back(machine::parse_ssh_key(
                    value.starts_with('/') || value.starts_with('.') ? read_key_file(value)
                                                                     : std::string(value)));
            },
    },
    OptionSpec{
        .group = kHardware,
        .name = "package",
        .value = "PACKAGE",
        .help = "A package that its first boot installs. Again: more of them",
        .verbs = verbs(Verb::Start),
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.packages.push_back(machine::parse_package(value));
            },
    },
    OptionSpec{
        .group = kHardware,
        .name = "first-boot",
        .value = "BOOL",
        .fallback = "yes",
        .completion = Completion::Words,
        .words = "no yes",
        .help = "Tell the machine its name, a user and keys by a NoCloud disk and credentials; "
                "with no it boots as it is, and shell and copies do not reach it",
        .verbs = verbs(Verb::Start),
        .apply = [](Options& o,
                    std::string_view value) { o.machine.first_boot = parse_truth(value); },
    },
};

} // namespace

std::span<const OptionSpec> hardware_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
