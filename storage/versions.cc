// The parsing and the order of systemd's path_pick().

#include "storage/versions.hh"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <tuple>
#include <utility>

#include "storage/version_order.hh"

namespace slipway::storage {
namespace {

struct Machine {
    std::string_view machine; ///< of uname(2)
    std::string_view own;     ///< systemd's word for it
    std::string_view second;  ///< what its processors run as well
};

constexpr std::array kMachines{
    Machine{"x86_64", "x86-64", "x86"},
    Machine{"i686", "x86", ""},
    Machine{"i586", "x86", ""},
    Machine{"i386", "x86", ""},
    Machine{"aarch64", "arm64", "arm"},
    Machine{"aarch64_be", "arm64-be", "arm-be"},
    Machine{"armv7l", "arm", ""},
    Machine{"armv6l", "arm", ""},
    Machine{"ppc64le", "ppc64-le", ""},
    Machine{"ppc64", "ppc64", "ppc"},
    Machine{"s390x", "s390x", "s390"},
    Machine{"riscv64", "riscv64", ""},
    Machine{"riscv32", "riscv32", ""},
    Machine{"loongarch64", "loongarch64", ""},
    Machine{"mips64", "mips64-le", "mips-le"},
    Machine{"sparc64", "sparc64", "sparc"},
};

// Architectures that a file name can end in; another word is a part of the version.
constexpr std::array<std::string_view, 33> kArchitectures = {
    "x86",   "x86-64", "arm",      "arm-be",  "arm64",      "arm64-be", "ppc",
    "ppc64", "ppc-le", "ppc64-le", "ia64",    "parisc",     "parisc64", "s390",
    "s390x", "sparc",  "sparc64",  "mips",    "mips64",     "mips-le",  "mips64-le",
    "alpha", "tilegx", "cris",     "nios2",   "sh",         "sh64",     "m68k",
    "arc",   "arc-be", "riscv32",  "riscv64", "loongarch64"};

Machine machine_of(std::string_view name) {
    const auto* found =
        std::find_if(kMachines.begin(), kMachines.end(),
                     [name](const Machine& machine) { return machine.machine == name; });
    return found == kMachines.end() ? Machine{name, name, ""} : *found;
}

bool is_version(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ".,_-+~^") == std::string_view::npos;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && last == end ? std::optional(value) : std::nullopt;
}

// "+3" or "+2-1" at the end is cut off; anything else behind a plus belongs to the version.
void take_tries(std::string_view& text, VersionedName& into) {
    const std::size_t plus = text.rfind('+');
    if (plus == std::string_view::npos) {
        return;
    }
    const std::string_view tries = text.substr(plus + 1);
    const std::size_t dash = tries.find('-');
    const auto left = number(tries.substr(0, dash));
    const auto done = dash == std::string_view::npos ? std::optional<std::uint64_t>(0)
                                                     : number(tries.substr(dash + 1));
    if (left && done) {
        into.tries_left = *left;
        into.tries_done = *done;
        text = text.substr(0, plus);
    }
}

void take_architecture(std::string_view& text, VersionedName& into) {
    const std::size_t underscore = text.rfind('_');
    if (underscore == std::string_view::npos) {
        return;
    }
    const std::string_view word = text.substr(underscore + 1);
    if (std::find(kArchitectures.begin(), kArchitectures.end(), word) != kArchitectures.end()) {
        into.architecture = word;
        text = text.substr(0, underscore);
    }
}

std::optional<VersionedName> parse(std::string_view name, std::string_view suffix,
                                   std::string_view file_name) {
    std::string_view rest = file_name;
    if (!rest.starts_with(name) || !rest.ends_with(suffix) ||
        rest.size() < name.size() + 1 + suffix.size() || rest[name.size()] != '_') {
        return std::nullopt;
    }
    rest.remove_prefix(name.size() + 1);
    rest.remove_suffix(suffix.size());
    VersionedName found;
    found.file_name = file_name;
    take_tries(rest, found);
    take_architecture(rest, found);
    if (!is_version(rest)) {
        return std::nullopt;
    }
    found.version = rest;
    return found;
}

bool is_better(const VersionedName& a, const VersionedName& b, const Machine& machine) {
    if ((a.tries_left != 0) != (b.tries_left != 0)) {
        return a.tries_left != 0;
    }
    if (const auto order = compare_versions(a.version, b.version); order != 0) {
        return order > 0;
    }
    const auto rank = [&machine](const VersionedName& one) {
        return std::tuple(one.architecture == machine.own, !one.architecture.empty(),
                          one.tries_left, UINT64_MAX - one.tries_done, one.file_name);
    };
    return rank(a) > rank(b);
}

} // namespace

std::vector<VersionedName> versions_of(std::string_view name, std::string_view suffix,
                                       const std::vector<std::string>& file_names,
                                       std::string_view machine_name) {
    const Machine machine = machine_of(machine_name);
    std::vector<VersionedName> found;
    for (const std::string& file_name : file_names) {
        std::optional<VersionedName> one = parse(name, suffix, file_name);
        const bool fits = one && (one->architecture.empty() || one->architecture == machine.own ||
                                  one->architecture == machine.second);
        if (fits) {
            found.push_back(std::move(*one));
        }
    }
    std::sort(found.begin(), found.end(),
              [&machine](const auto& a, const auto& b) { return is_better(a, b, machine); });
    return found;
}

} // namespace slipway::storage
