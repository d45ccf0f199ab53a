// The settings of a machine, each under systemd-nspawn's name for its flag. What a flag means, and
// what it excludes, stands in machine/setting_table.cc; here is how it is typed and what it says.

#include <algorithm>
#include <array>
#include <cstddef>

#include "cli/option_groups.hh"

namespace slipway::cli {
namespace {

constexpr std::string_view kGroup = "Settings of a machine";

/// The name of an option as a template argument.
template <std::size_t Size>
struct Flag {
    // NOLINTNEXTLINE(google-explicit-constructor): written as a literal
    constexpr Flag(const char (&text)[Size]) { std::copy_n(text, Size, dashed.begin() + 2); }
    constexpr std::string_view with_dashes() const { return {dashed.data(), Size + 1}; }
    constexpr std::string_view name() const { return with_dashes().substr(2); }

    std::array<char, Size + 2> dashed{'-', '-'};
};

// An option that says the setting with this flag.
template <Flag Name>
constexpr OptionSpec setting(OptionSpec option) {
    option.group = kGroup;
    option.name = Name.name();
    option.verbs = kRunMachine;
    option.apply = [](Options& o, std::string_view value) {
        machine::say(o.machine.said, Name.with_dashes(), value);
    };
    return option;
}

constexpr std::string_view kBools = "yes no";

constexpr std::array kOptions{
    setting<"boot">({.letter = 'b', .help = "Boot, whatever the image's settings say"}),
    setting<"as-pid2">({.letter = 'a',
                        .help = "Do not boot: run the command of the settings' Parameters= below a "
                                "small init"}),
    setting<"ephemeral">({.letter = 'x',
                          .help = "Run a clone of the image, which is removed when the machine "
                                  "ends; the image may be in use meanwhile, and is not changed"}),
    setting<"user">({.letter = 'u',
                     .value = "USER",
                     .help = "Run as this user of the machine, by name or number"}),
    setting<"setenv">({.letter = 'E',
                       .value = "NAME=VALUE",
                       .repeatable = true,
                       .help = "Set a variable of the environment; can be given several times"}),
    setting<"chdir">({.value = "PATH", .help = "Begin in this directory of the machine"}),
    setting<"pivot-root">(
        {.value = "DIR[:OLD]",
         .help =
             "Make this directory of the image the machine's root, and show the former as OLD"}),
    setting<"capability">({.value = "CAP,...",
                           .repeatable = true,
                           .help = "Leave the machine these capabilities, too; \"all\" for all"}),
    setting<"drop-capability">({.value = "CAP,...",
                                .repeatable = true,
                                .help = "Take these capabilities away from the machine"}),
    setting<"ambient-capability">(
        {.value = "CAP,...",
         .repeatable = true,
         .help = "Give these capabilities also to what does not run as root"}),
    setting<"no-new-privileges">(
        {.value = "BOOL",
         .completion = Completion::Words,
         .words = kBools,
         .help = "Whether set-user-ID programs stay without effect in the machine"}),
    setting<"private-users">(
        {.value = "USERS",
         .value_optional = true,
         .help = "Give the machine's users numbers of their own on the host: pick (the default), "
                 "no, identity, or BASE[:COUNT]; files keep the owners that they have"}),
    OptionSpec{
        .group = kGroup,
        .letter = 'U',
        .help = "The same as --private-users=pick",
        .verbs = kRunMachine,
        .apply = [](Options& o,
                    std::string_view) { machine::say(o.machine.said, "--private-users", "pick"); },
    },
    setting<"private-users-ownership">(
        {.value = "HOW",
         .completion = Completion::Words,
         .words = "map chown off auto",
         .help = "How files come to belong to private users: map (the default) shows them so, "
                 "chown changes them, of an ephemeral machine alone, off leaves them alone"}),
    setting<"system-call-filter">(
        {.value = "LIST",
         .repeatable = true,
         .help = "System calls that the machine may use beside the usual ones, parted by blanks; "
                 "behind \"~\" those that it may not"}),
    setting<"rlimit">({.value = "NAME=SOFT[:HARD]",
                       .repeatable = true,
                       .help = "Limit a resource of the machine's processes: NOFILE=512:1024"}),
    setting<"oom-score-adjust">(
        {.value = "N",
         .help = "How readily the machine is killed when memory runs out: from -1000, never, to "
                 "1000"}),
    setting<"cpu-affinity">({.value = "CPUS", .help = "Run on these processors alone: 0-3,7"}),
    setting<"kill-signal">({.value = "SIGNAL",
                            .help = "What asks the machine's first process to power off; without "
                                    "it, what its init understands"}),
    setting<"personality">({.value = "ARCH", .help = "What uname(2) says in the machine: x86"}),
    setting<"hostname">(
        {.value = "HOST", .help = "What the machine calls itself; without it, as it is called"}),
    setting<"uuid">({.value = "ID", .help = "The machine's ID, 32 digits in hexadecimal"}),
    setting<"notify-ready">({.value = "BOOL",
                             .completion = Completion::Words,
                             .words = kBools,
                             .help = "Whether the machine itself says when it has booted; without "
                                     "it, yes for systemd"}),
    setting<"link-journal">({.value = "HOW",
                             .completion = Completion::Words,
                             .words = "no auto host try-host guest try-guest",
                             .help = "Whether the host sees the machine's journal"}),
    setting<"resolv-conf">(
        {.value = "HOW",
         .completion = Completion::Words,
         .words = "auto off delete copy-host copy-static copy-uplink copy-stub replace-host "
                  "replace-static replace-uplink replace-stub bind-host bind-static bind-uplink "
                  "bind-stub",
         .help = "What becomes of the machine's /etc/resolv.conf"}),
    setting<"timezone">({.value = "HOW",
                         .completion = Completion::Words,
                         .words = "auto off copy bind symlink delete",
                         .help = "What becomes of the machine's /etc/localtime"}),
    setting<"suppress-sync">({.value = "BOOL",
                              .completion = Completion::Words,
                              .words = kBools,
                              .help = "Whether the machine's sync(2) does nothing"}),
    OptionSpec{
        .group = kGroup,
        .name = "set-credential",
        .value = "ID:VALUE",
        .repeatable = true,
        .help = "Give the machine a credential; others see it on the command line",
        .verbs = kRunMachine,
        .apply = [](Options& o,
                    std::string_view value) { machine::say_credential(o.machine.said, value); },
    },
    setting<"read-only">({.help = "Run the machine without changing the image"}),
    setting<"volatile">(
        {.value = "MODE",
         .value_optional = true,
         .completion = Completion::Words,
         .words = "overlay state yes no",
         .help = "Forget what the machine writes: overlay for all of it, state for /var, yes (the "
                 "default) for all, of an image with /usr alone"}),
    setting<"bind">({.value = "PATH[:DEST[:OPTS]]",
                     .repeatable = true,
                     .help = "Show the machine a file or directory of the host"}),
    setting<"bind-ro">(
        {.value = "PATH[:DEST[:OPTS]]", .repeatable = true, .help = "As --bind, read-only"}),
    setting<"bind-user">({.value = "USER",
                          .repeatable = true,
                          .help = "Make a user of the host, with home, one of the machine's"}),
    setting<"tmpfs">({.value = "PATH[:OPTS]",
                      .repeatable = true,
                      .help = "Mount an empty file system in memory in the machine"}),
    setting<"inaccessible">(
        {.value = "PATH", .repeatable = true, .help = "Cover a file or directory of the machine"}),
    setting<"overlay">({.value = "LOWER:UPPER:DEST",
                        .repeatable = true,
                        .help = "Lay directories of the host over one another in the machine; what "
                                "is written goes to the last, or nowhere when that is left empty"}),
    setting<"overlay-ro">(
        {.value = "LOWER:UPPER:DEST", .repeatable = true, .help = "As --overlay, read-only"}),
    OptionSpec{
        .group = kGroup,
        .name = "network",
        .value = "NETWORK",
        .completion = Completion::Words,
        .words = "veth none host nat",
        .help = "What network the machine has: veth, a link to the host (the default); none; host, "
                "the host's own; nat, as veth, and the host forwards; bridge:NAME; zone:NAME; "
                "macvlan:NAME; interface:NAME",
        .verbs = kRunMachine,
        .apply =
            [](Options& o, std::string_view value) {
                o.machine.said.network = machine::parse_network(value);
            },
    },
    setting<"private-network">({.help = "The same as --network=none"}),
    setting<"network-veth">({.help = "The same as --network=veth"}),
    setting<"network-veth-extra">({.value = "HOST[:NAME]",
                                   .repeatable = true,
                                   .help = "Give the machine one more link to the host"}),
    setting<"network-interface">({.value = "HOST[:NAME]",
                                  .repeatable = true,
                                  .help = "Move an interface of the host into the machine"}),
    setting<"network-macvlan">({.value = "HOST[:NAME]",
                                .repeatable = true,
                                .help = "Give the machine a macvlan of an interface of the host"}),
    setting<"network-ipvlan">({.value = "HOST[:NAME]",
                               .repeatable = true,
                               .help = "Give the machine an ipvlan of an interface of the host"}),
    setting<"network-bridge">({.value = "BRIDGE", .help = "The same as --network=bridge:BRIDGE"}),
    setting<"network-zone">({.value = "ZONE", .help = "The same as --network=zone:ZONE"}),
    setting<"port">({.letter = 'p',
                     .value = "[tcp:|udp:]HOST[:PORT]",
                     .repeatable = true,
                     .help = "Forward a port of the host's addresses to the machine"}),
};

} // namespace

std::span<const OptionSpec> setting_options() noexcept {
    return kOptions;
}

} // namespace slipway::cli
