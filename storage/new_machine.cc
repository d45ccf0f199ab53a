// A table of what to look for. A name may end in '*' or begin with it; nothing is followed out of
// the tree, and a symlink under such a name goes without what it leads to.

#include "storage/new_machine.hh"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"
#include "base/quoted.hh"
#include "volume/directory.hh"
#include "volume/inode_flags.hh"
#include "volume/remove_tree.hh"

namespace slipway::storage {
namespace {

enum class How { Empty, Remove };

struct Trace {
    std::string_view thing; ///< for people
    std::string_view directory;
    std::string_view pattern;  ///< of the names in it
    std::string_view except{}; ///< a name that stays
    How how = How::Remove;
};

constexpr std::array kTraces{
    // An empty file has a new ID written into it at the next boot and is no first boot, which would
    // reset the units that are enabled (machine-id(5)).
    Trace{.thing = "machine ID", .directory = "etc", .pattern = "machine-id", .how = How::Empty},
    // Of D-Bus, a copy where it is no link to the other; dbus-uuidgen --ensure makes it again.
    Trace{.thing = "machine ID", .directory = "var/lib/dbus", .pattern = "machine-id"},
    Trace{.thing = "SSH host keys", .directory = "etc/ssh", .pattern = "ssh_host_*"},
    Trace{.thing = "random seed", .directory = "var/lib/systemd", .pattern = "random-seed"},
    Trace{.thing = "random seed", .directory = "var/lib/urandom", .pattern = "random-seed"},
    Trace{.thing = "random seed", .directory = "boot/loader", .pattern = "random-seed"},
    Trace{.thing = "random seed", .directory = "efi/loader", .pattern = "random-seed"},
    // The key of the host that systemd-creds(1) encrypts with, and what is stored for services.
    Trace{.thing = "credentials", .directory = "var/lib/systemd", .pattern = "credential.secret"},
    Trace{.thing = "credentials", .directory = "etc/credstore", .pattern = "*"},
    Trace{.thing = "credentials", .directory = "etc/credstore.encrypted", .pattern = "*"},
    // Leases, and the identifiers by which a server knows its client.
    Trace{.thing = "DHCP leases", .directory = "var/lib/dhcp", .pattern = "*"},
    Trace{.thing = "DHCP leases", .directory = "var/lib/dhclient", .pattern = "*"},
    Trace{.thing = "DHCP leases", .directory = "var/lib/dhcpcd", .pattern = "*"},
    Trace{.thing = "DHCP leases", .directory = "var/lib/NetworkManager", .pattern = "*.lease"},
    Trace{.thing = "DHCP leases", .directory = "var/lib/NetworkManager", .pattern = "secret_key"},
    Trace{.thing = "DHCP leases", .directory = "var/lib/systemd/network", .pattern = "*"},
    // As `cloud-init clean` has it: the seed is where an administrator puts what it shall do.
    Trace{.thing = "cloud-init's state",
          .directory = "var/lib/cloud",
          .pattern = "*",
          .except = "seed"},
};

bool matches(std::string_view name, std::string_view pattern) noexcept {
    if (pattern.ends_with('*')) {
        return name.starts_with(pattern.substr(0, pattern.size() - 1));
    }
    if (pattern.starts_with('*')) {
        return name.ends_with(pattern.substr(1));
    }
    return name == pattern;
}

std::string path_of(const Trace& trace, const std::string& name) {
    return fmt::format("{}/{}", trace.directory, name);
}

// Of a system that has never been booted (machine-id(5)): its first boot is still to come.
bool is_uninitialized(int directory, const std::string& name) {
    constexpr std::string_view kWord = "uninitialized";
    const Fd file = volume::open_beneath(directory, name, O_RDONLY);
    std::array<char, kWord.size()> text{};
    return file &&
           ::read(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
           std::string_view(text.data(), text.size()) == kWord;
}

// A new file in the place of the old one, which may be a link, or have other names.
bool empty_file(int directory, const std::string& name) {
    struct stat info {};
    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) < 0) {
        throw errno_error("cannot look at it");
    }
    if (S_ISREG(info.st_mode) && (info.st_size == 0 || is_uninitialized(directory, name))) {
        return false;
    }
    volume::remove_tree(directory, name);
    const Fd file(::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const mode_t mode = S_ISREG(info.st_mode) ? info.st_mode & 0777U : 0444U;
    if (!file || ::fchown(file.get(), info.st_uid, info.st_gid) < 0 ||
        ::fchmod(file.get(), mode) < 0) {
        throw errno_error("cannot make an empty file");
    }
    return true;
}

bool reset_name(int directory, const std::string& name, How how) {
    if (how == How::Empty) {
        return empty_file(directory, name);
    }
    volume::remove_tree(directory, name);
    return true;
}

/// The directory open for change; nothing when the system has none. One that is a link counts: its
/// owner writes where that leads.
Fd open_place(int root, const Trace& trace) {
    const std::string path = fmt::format("{}/.", trace.directory);
    Fd directory = volume::open_in_root(root, path, O_RDONLY | O_DIRECTORY);
    if (!directory && errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
        throw errno_error("cannot open the directory {}", quoted(trace.directory));
    }
    return directory;
}

void reset(int root, const Trace& trace, std::vector<std::string>& done) {
    const Fd directory = open_place(root, trace);
    if (!directory) {
        return;
    }
    volume::clear_guards(directory.get());
    std::vector<volume::DirectoryEntry> entries = volume::all_entries(directory.get());
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    for (const volume::DirectoryEntry& entry : entries) {
        if (!matches(entry.name, trace.pattern) || entry.name == trace.except) {
            continue;
        }
        try {
            if (reset_name(directory.get(), entry.name, trace.how)) {
                done.push_back(
                    fmt::format("{} ({})", trace.thing, escaped(path_of(trace, entry.name))));
            }
        } catch (Error& error) {
            error.add_context("cannot reset {}", quoted(path_of(trace, entry.name)));
            throw;
        }
    }
}

} // namespace

std::vector<std::string> make_new_machine(int root) {
    std::vector<std::string> done;
    for (const Trace& trace : kTraces) {
        reset(root, trace, done);
    }
    return done;
}

} // namespace slipway::storage
