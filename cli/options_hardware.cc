// What is said about a virtual machine alone.

#include <array>
#include <charconv>
#include <limits>

#include "base/error.hh"
#include "base/quoted.hh"
#include "base/size.hh"
#include "cli/option_groups.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kHardware = "Virtual machines";
constexpr unsigned kMostCpus = 512;

std::uint64_t parse_memory(std::string_view value) {
    constexpr std::uint64_t kLeastBytes = 16ULL << 20;
    const std::uint64_t bytes = parse_size(value);
    if (bytes < kLeastBytes) {
        throw Error(Kind::InvalidArgument,
                    "{} is too little memory for a machine; expected {} or "
                    "more, as in 512M or 4G",
                    quoted(value), format_size(kLeastBytes));
    }
    return bytes;
}

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
                o.machine.hardware.memory_bytes = parse_memory(value);
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
};

} // namespace

std::span<const OptionSpec> hardware_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
