// What lies in the machine was written by the machine: it is read through openat2(2), and parsed
// without the C library's look-ups, which could load code from there.

#include "spawn/guest.hh"

#include <cerrno>
#include <charconv>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/quoted.hh"
#include "machine/root_tree.hh"
#include "spawn/init_signals.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kMaxPasswdBytes = 1 << 20;

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (std::size_t end = 0; end != line.npos;) {
        end = line.find(':');
        fields.push_back(line.substr(0, end));
        line.remove_prefix(end == line.npos ? line.size() : end + 1);
    }
    return fields;
}

bool read_number(std::string_view text, std::uint32_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc() && end == text.data() + text.size();
}

std::optional<GuestUser> parse_user(std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    GuestUser user;
    if (fields.size() != 7 || !read_number(fields[2], user.uid) ||
        !read_number(fields[3], user.gid)) {
        return std::nullopt;
    }
    user.name = fields[0];
    if (!fields[5].empty()) {
        user.home = fields[5];
    }
    if (!fields[6].empty()) {
        user.shell = fields[6];
    }
    return user;
}

} // namespace

Guest::Guest(MachineRecord record) : record_(std::move(record)) {
    // The first process of a virtual machine is one of the host's: to join it is to stay outside.
    if (record_.engine == machine::EngineKind::Qemu) {
        throw Error(Kind::Unsupported,
                    "machine {} is no container but a vm, which is not entered; 'slipway shell', "
                    "'copy-to' and 'copy-from' reach it over SSH, 'slipway console {}' its console",
                    quoted(record_.name), record_.name);
    }
    if (record_.machine_class != "container") {
        throw Error(Kind::Unsupported, "machine {} is no container but a {}, which is not entered",
                    quoted(record_.name), escaped(record_.machine_class));
    }
    if (record_.leader) {
        pidfd_ = open_process(*record_.leader);
    }
    if (!pidfd_) {
        throw Error(Kind::NotFound, "machine {} has not booted, or has ended",
                    quoted(record_.name));
    }
}

bool Guest::has_systemd() const {
    return program_of(*record_.leader) == "systemd";
}

Fd Guest::open_of_leader(const std::string& entry, int flags) const {
    Fd fd(::open(fmt::format("/proc/{}/{}", leader(), entry).c_str(), flags | O_CLOEXEC));
    // The number is its own as long as it has not been reaped.
    if (fd && ::syscall(SYS_pidfd_send_signal, pidfd(), 0, nullptr, 0) < 0) {
        fd.reset();
        errno = ESRCH;
    }
    return fd;
}

Fd Guest::open_path(const std::string& path, int flags) const {
    const Fd root = open_of_leader("root", O_PATH | O_DIRECTORY);
    return root ? machine::open_in_tree(root.get(), path, flags) : Fd();
}

int Guest::why_not_run(const std::string& name) const {
    const Fd root = open_path("/", O_PATH | O_DIRECTORY);
    return machine::why_not_run(root.get(), name);
}

std::optional<std::string> Guest::read_file(const std::string& path,
                                            std::size_t limit_bytes) const {
    const Fd file = open_path(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file) {
        return std::nullopt;
    }
    std::string text(limit_bytes, '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
        if (got <= 0) {
            break;
        }
        size += static_cast<std::size_t>(got);
    }
    text.resize(size);
    return text;
}

std::optional<GuestUser> find_user_in(std::string_view passwd, std::string_view name) {
    std::optional<GuestUser> by_number;
    while (!passwd.empty()) {
        const std::size_t end = std::min(passwd.find('\n'), passwd.size());
        const std::optional<GuestUser> user = parse_user(passwd.substr(0, end));
        passwd.remove_prefix(std::min(end + 1, passwd.size()));
        if (user && user->name == name) {
            return user;
        }
        if (user && !by_number && name == fmt::format("{}", user->uid)) {
            by_number = user;
        }
    }
    return by_number;
}

GuestUser find_user(const Guest& guest, const std::string& name) {
    const std::string passwd = guest.read_file("/etc/passwd", kMaxPasswdBytes).value_or("");
    if (std::optional<GuestUser> user = find_user_in(passwd, name)) {
        return *user;
    }
    if (name == "root" || name == "0") {
        return {.name = "root", .home = "/root"};
    }
    throw Error(Kind::NotFound, "machine {} has no user {} in its /etc/passwd",
                quoted(guest.record().name), quoted(name));
}

} // namespace slipway::spawn
