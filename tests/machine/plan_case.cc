// Flags are written as settings are: the table makes both.

#include "tests/machine/plan_case.hh"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <sstream>
#include <stdexcept>

#include <fmt/format.h>

#include "base/error.hh"
#include "machine/launch_plan.hh"
#include "machine/merge.hh"
#include "machine/setting_network.hh"
#include "machine/setting_table.hh"
#include "machine/settings_text.hh"
#include "tests/support/programs.hh"

using namespace slipway::machine;

namespace slipway::tests {
namespace {

constexpr std::string_view kPlanMark = "--- plan\n";

// The text between "--- NAME" and the next such line; empty when there is none.
std::string part(const std::string& given, const std::string& name) {
    const std::string mark = "--- " + name + "\n";
    const std::size_t start = given.find(mark);
    if (start == given.npos) {
        return "";
    }
    const std::size_t from = start + mark.size();
    const std::size_t end = given.find("--- ", from);
    return given.substr(from, end == given.npos ? given.npos : end - from);
}

std::multimap<std::string, std::string> head_of(const std::string& given) {
    std::istringstream lines(given.substr(0, given.find("--- ")));
    std::multimap<std::string, std::string> words;
    for (std::string line; std::getline(lines, line);) {
        const std::size_t blank = line.find(' ');
        words.emplace(line.substr(0, blank), line.substr(std::min(blank, line.size() - 1) + 1));
    }
    return words;
}

HostFacts host_called(const std::string& name) {
    HostFacts host;
    host.nspawn = "/usr/bin/systemd-nspawn";
    host.dissect = "/usr/bin/systemd-dissect";
    host.systemd_version = 252;
    host.cgroup_roots = {"/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"};
    host.can_map_ids = true;
    host.qemu = "/usr/bin/qemu-system-x86_64";
    host.firmware_code = "/usr/share/OVMF/OVMF_CODE_4M.fd";
    host.firmware_variables = "/usr/share/OVMF/OVMF_VARS_4M.fd";
    if (name.starts_with("systemd")) {
        host.runs_systemd = true;
        host.has_networkd = true;
        host.is_unified_cgroup = true;
        host.systemd_version = 257;
        host.cgroup_roots = {"/sys/fs/cgroup"};
    }
    host.has_networkd = name == "systemd-hybrid" || host.has_networkd;
    host.is_unified_cgroup = name != "systemd-hybrid" && host.is_unified_cgroup;
    if (name == "systemd-no-networkd") {
        host.has_networkd = false;
    }
    if (name == "unified") {
        host.is_unified_cgroup = true;
        host.cgroup_roots = {"/sys/fs/cgroup"};
    } else if (name == "empty") {
        host.nspawn.clear();
        host.qemu.clear();
    } else if (name == "no-firmware") {
        host.firmware_code.clear();
        host.firmware_variables.clear();
    } else if (name == "kvm") {
        host.has_kvm = true;
    } else if (name == "old") {
        host.systemd_version = 247;
    } else if (name == "no-dissect") {
        host.dissect.clear();
    } else if (name == "no-cgroup") {
        host.cgroup_roots.clear();
    } else if (name == "no-id-maps") {
        host.can_map_ids = false;
    }
    return host;
}

storage::ImageType type_called(const std::string& name) {
    for (const auto type : {storage::ImageType::Directory, storage::ImageType::Subvolume,
                            storage::ImageType::Raw, storage::ImageType::Block}) {
        if (storage::word(type) == name) {
            return type;
        }
    }
    throw std::runtime_error("no such type of image: " + name);
}

Settings read_flags(const std::string& text, const std::multimap<std::string, std::string>& head) {
    SettingsDraft draft;
    read_settings_text(
        text, {.take =
                   [&](const IniKey& key) {
                       find_setting(key.section, key.name)->set(draft, key.name, key.value);
                   },
               .pass_over = [](unsigned, std::string_view) {}});
    set_network(draft.settings, draft.network);
    for (const auto& [word, value] : head) {
        if (word == "network") {
            const NetworkChoice choice = parse_network(value);
            draft.settings.network = choice.network;
            draft.settings.network_of = choice.of;
        } else if (word == "credential") {
            draft.settings.credentials[value.substr(0, value.find(':'))] =
                value.substr(value.find(':') + 1);
        } else if (word == "pipe") {
            draft.settings.console = Console::Pipe;
        }
    }
    return draft.settings;
}

Hardware read_hardware(const std::multimap<std::string, std::string>& head) {
    Hardware hardware;
    for (const auto& [word, value] : head) {
        if (word == "memory") {
            hardware.memory_bytes = std::stoull(value);
        } else if (word == "cpus") {
            hardware.cpus = static_cast<unsigned>(std::stoul(value));
        } else if (word == "firmware") {
            hardware.firmware = value == "bios" ? Firmware::Bios : Firmware::Uefi;
        } else if (word == "accelerator") {
            hardware.accelerator = value == "kvm" ? Accelerator::Kvm : Accelerator::Tcg;
        }
    }
    return hardware;
}

LaunchPlan make_plan(const std::string& given) {
    const auto head = head_of(given);
    const auto value = [&](const std::string& word, const std::string& fallback) {
        const auto found = head.find(word);
        return found == head.end() ? fallback : found->second;
    };
    MachineSpec image;
    image.image = value("image", "web");
    image.name = value("machine", image.image);
    image.type = type_called(value("type", "directory"));
    image.root = value("root", "/var/lib/machines/" + image.image +
                                   (image.type == storage::ImageType::Raw ? ".raw" : ""));
    image.root_hash = value("root-hash", "");
    image.clone = value("clone", "");
    const Trust trust = value("trust", "full") == "full" ? Trust::Full : Trust::None;
    const SettingsFile file =
        read_settings(part(given, "settings"), "/etc/systemd/nspawn/web.nspawn", trust);
    const HostFacts host = host_called(value("host", "plain"));
    MachineSpec spec = merge(image, read_flags(part(given, "flags"), head), file);
    spec.hardware = read_hardware(head);
    if (head.contains("first-boot")) {
        spec.first_boot = FirstBoot{.instance_id = "slipway-web",
                                    .hostname = "web",
                                    .user = value("first-boot", ""),
                                    .ssh_keys = {"ssh-ed25519 AAAA slipway"},
                                    .reports_ready = true};
    }
    const std::string engine = value("engine", "");
    return plan_launch(spec, host,
                       engine.empty() ? choose_engine(spec, host) : parse_engine(engine));
}

std::string_view kind_word(Undo::Kind kind) {
    switch (kind) {
    case Undo::Kind::Unmount:
        return "unmount";
    case Undo::Kind::RemoveCgroup:
        return "remove-cgroup";
    case Undo::Kind::RemoveBridge:
        return "remove-bridge";
    case Undo::Kind::RemoveImage:
        return "remove-image";
    case Undo::Kind::RemoveTree:
        return "remove-tree";
    case Undo::Kind::RemoveLink:
        return "remove-link";
    case Undo::Kind::ReleasePort:
        return "release-port";
    case Undo::Kind::RemoveTable:
        return "remove-table";
    case Undo::Kind::RemoveDirectory:
        return "remove-directory";
    }
    return "";
}

std::string_view kind_word(HostLink::Kind kind) {
    return kind == HostLink::Kind::Interface ? "interface"
           : kind == HostLink::Kind::Macvlan ? "macvlan"
                                             : "ipvlan";
}

class Text {
public:
    void line(std::string_view word, std::string_view value) {
        if (!value.empty()) {
            text_ += fmt::format("{} {}\n", word, value);
        }
    }
    void lines(std::string_view word, const std::vector<std::string>& values) {
        for (const std::string& value : values) {
            text_ += fmt::format("{} {}\n", word, value);
        }
    }
    void flag(std::string_view word, bool set) { text_ += set ? std::string(word) + "\n" : ""; }
    std::string take() && { return std::move(text_); }

private:
    std::string text_;
};

std::string text_of(const LaunchPlan& plan) {
    Text text;
    text.line("engine", word(plan.engine));
    text.line("machine", plan.machine);
    text.line("image", plan.image);
    text.line("root", plan.root.native());
    text.flag("shares-lock", plan.shares_lock);
    text.flag("boots", plan.boots);
    text.flag("passes-descriptors", plan.passes_descriptors);
    text.line("poweroff-signal", plan.poweroff_signal);
    text.line("unit", plan.unit);
    text.lines("property", plan.unit_properties);
    text.line("mount", plan.mount.native());
    text.lines("mount-argument", plan.mount_arguments);
    for (const auto& [file, content] : plan.files) {
        text.line("file", file.native() + "=" + content);
    }
    for (const auto& cgroup : plan.cgroups) {
        text.line("cgroup", cgroup.native());
    }
    text.lines("environment", plan.environment);
    text.lines("argument", plan.arguments);
    for (const HostLink& link : plan.moved_links) {
        text.line("moves", fmt::format("{} {}:{}", kind_word(link.kind), link.host, link.machine));
    }
    for (const auto& [made, old] : plan.kept_copies) {
        text.line("keeps", fmt::format("{} from {}", made.native(), old.native()));
    }
    text.line("kept", plan.kept.native());
    text.line("seed-disk", plan.seed_disk.native());
    for (const auto& [name, content] : plan.seed_files) {
        text.line("seeds", name);
    }
    text.flag("forwards-ssh", plan.forwards_ssh);
    text.line("ssh-user", plan.ssh_user);
    text.line("link", plan.link);
    text.line("bridge", plan.bridge);
    text.flag("makes-bridge", plan.makes_bridge);
    text.flag("sets-addresses", plan.sets_addresses);
    text.flag("masquerades", plan.masquerades);
    for (const Undo& undo : plan.undo) {
        text.line("undo", fmt::format("{} {}", kind_word(undo.kind), undo.what));
    }
    text.lines("note", plan.notes);
    return std::move(text).take();
}

} // namespace

std::vector<std::filesystem::path> plan_case_files() {
    const char* top = std::getenv("SLIPWAY_SOURCES");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(top == nullptr ? "." : top) / "testdata/plans")) {
        if (entry.path().extension() == ".plan") {
            files.push_back(entry.path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

PlanCase read_plan_case(const std::filesystem::path& file) {
    const std::string text = read_file(file);
    const std::size_t mark = std::min(text.find(kPlanMark), text.size());
    return {.given = text.substr(0, mark),
            .expected = text.substr(std::min(mark + kPlanMark.size(), text.size()))};
}

std::string plan_of(const PlanCase& plan_case) {
    try {
        return text_of(make_plan(plan_case.given));
    } catch (const Error& error) {
        return fmt::format("refused {}: {}\n", word(error.kind()), error.what());
    }
}

} // namespace slipway::tests
