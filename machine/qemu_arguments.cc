// A path in a list of options has its commas doubled. Nothing of the host's is on by default: no
// device, no window, no configuration file; and qemu may neither start programs nor change who it
// is.

#include "machine/qemu_arguments.hh"

#include <fmt/format.h>

#include "machine/name_hash.hh"

namespace slipway::machine {
namespace {

using Words = std::vector<std::string>;

void add(Words& words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
}

std::string in_options(const std::filesystem::path& path) {
    std::string text;
    for (const char c : path.native()) {
        text += c;
        if (c == ',') {
            text += c;
        }
    }
    return text;
}

// What is thrown away is written to a file without a name in /var/tmp.
std::string disk_options(const MachineSpec& spec) {
    return fmt::format("{}{}", spec.ephemeral ? ",snapshot=on" : "",
                       spec.read_only ? ",readonly=on" : "");
}

Words firmware_words(const MachineSpec& spec, const HostFacts& host,
                     const std::filesystem::path& variables) {
    if (spec.hardware.firmware == Firmware::Bios) {
        return {};
    }
    return {"-drive",
            "if=pflash,unit=0,format=raw,readonly=on,file=" + in_options(host.firmware_code),
            "-drive",
            fmt::format("if=pflash,unit=1,format=raw{},file={}",
                        spec.ephemeral ? ",snapshot=on" : "", in_options(variables))};
}

// Without a boot index, variables of other devices lead into the shell of the firmware.
Words disk_words(const MachineSpec& spec) {
    return {"-drive",
            fmt::format("id=disk,if=none,format=raw,discard=unmap{},file={}", disk_options(spec),
                        in_options(spec.root)),
            "-device", "virtio-blk-pci,drive=disk,bootindex=1"};
}

// A guest finds the seed by its volume id, and credentials in the tables of its firmware (SMBIOS
// type 11, systemd.system-credentials(7)).
Words seed_words(const LaunchPlan& plan) {
    Words words;
    if (!plan.seed_disk.empty()) {
        words = {"-drive",
                 "id=seed,if=none,format=raw,readonly=on,file=" + in_options(plan.seed_disk),
                 "-device", "virtio-blk-pci,drive=seed"};
    }
    for (const auto& [file, content] : plan.files) {
        add(words, {"-smbios", "type=11,path=" + in_options(file)});
    }
    return words;
}

std::string user_network(const MachineSpec& spec) {
    std::string words = fmt::format("user,id={}", kNetworkId);
    for (const Port& port : spec.ports) {
        words += fmt::format(",hostfwd={}::{}-:{}", port.protocol, port.host, port.machine);
    }
    return words;
}

Words network_words_of(const MachineSpec& spec, const std::string& link) {
    if (spec.network == Network::None) {
        return {};
    }
    const std::string backend =
        link.empty() ? user_network(spec)
                     : fmt::format("tap,id={},ifname={},script=no,downscript=no", kNetworkId, link);
    return {"-netdev", backend, "-device",
            fmt::format("virtio-net-pci,netdev={},mac={}", kNetworkId, mac_address_of(spec.name))};
}

} // namespace

std::vector<std::string> qemu_arguments(const MachineSpec& spec, const HostFacts& host,
                                        const LaunchPlan& plan,
                                        const std::filesystem::path& variables) {
    const bool has_kvm = spec.hardware.accelerator == Accelerator::Kvm;
    Words words{
        "-nodefaults", "-no-user-config",
        "-name",       "guest=" + spec.name,
        "-sandbox",    "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
        "-machine",    "q35",
        "-accel",      has_kvm ? "kvm" : "tcg",
        "-cpu",        has_kvm ? "host" : "max",
        "-smp",        std::to_string(spec.hardware.cpus),
        "-m",          fmt::format("size={}b", spec.hardware.memory_bytes),
        "-display",    "none"};
    add(words, firmware_words(spec, host, variables));
    add(words, disk_words(spec));
    add(words, seed_words(plan));
    add(words, network_words_of(spec, plan.link));
    add(words, {"-object", "rng-random,id=random,filename=/dev/urandom", "-device",
                "virtio-rng-pci,rng=random"});
    add(words, {"-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console"});
    add(words, {"-chardev", fmt::format("socket,id=monitor,fd={}", kMonitorFd), "-mon",
                "chardev=monitor,mode=control"});
    add(words,
        {"-chardev", fmt::format("socket,id=ready,fd={}", kReadyFd), "-device", "virtio-serial-pci",
         "-device", "virtserialport,chardev=ready,name=org.slipway.ready"});
    return words;
}

std::string mac_address_of(std::string_view machine) {
    const std::uint32_t hash = name_hash(machine);
    return fmt::format("52:54:00:{:02x}:{:02x}:{:02x}", hash >> 16 & 0xFF, hash >> 8 & 0xFF,
                       hash & 0xFF);
}

} // namespace slipway::machine
