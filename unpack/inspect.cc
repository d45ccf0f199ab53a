// The tree is a stranger's: a file may be a fifo, a device, endless, or a link to anywhere.

#include "unpack/inspect.hh"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "base/message.hh"
#include "base/quoted.hh"
#include "unpack/assignments.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {
namespace {

constexpr std::uint64_t kLargestFileBytes = 64 * KiB;
constexpr std::size_t kLongestHostName = 64; // HOST_NAME_MAX

std::optional<std::string> find_text(int root, const char* path) {
    open_how how{};
    // A fifo or device is opened without waiting, and left.
    how.flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV;
    const Fd look(static_cast<int>([&] {
        open_how only_look = how;
        only_look.flags = O_PATH | O_CLOEXEC;
        return ::syscall(SYS_openat2, root, path, &only_look, sizeof only_look);
    }()));
    struct stat info {};
    if (!look || ::fstat(look.get(), &info) < 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    const Fd file(static_cast<int>(::syscall(SYS_openat2, root, path, &how, sizeof how)));
    if (!file || ::fstat(file.get(), &info) < 0 || !S_ISREG(info.st_mode)) {
        return std::nullopt;
    }
    try {
        return read_all(file.get(), kLargestFileBytes);
    } catch (const Error&) { // too large, or its disk is broken
        return std::nullopt;
    }
}

std::string first_word_of(std::string_view text) {
    // The first line that is neither empty nor a comment (hostname(5)).
    while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        const std::size_t first = line.find_first_not_of(" \t\r");
        if (first != std::string_view::npos && line[first] != '#') {
            line.remove_prefix(first);
            return std::string(line.substr(0, line.find_last_not_of(" \t\r") + 1));
        }
    }
    return {};
}

bool is_host_name(std::string_view text) {
    return text.size() <= kLongestHostName &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  "-.") == std::string_view::npos;
}

bool is_machine_id(std::string_view text) {
    return text.size() == 32 &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
           text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace

pull::SystemIdentity read_identity(int root) {
    pull::SystemIdentity identity;
    const std::string host = first_word_of(find_text(root, "/etc/hostname").value_or(""));
    identity.host_name = is_host_name(host) ? host : "";
    const std::string id = first_word_of(find_text(root, "/etc/machine-id").value_or(""));
    identity.machine_id = is_machine_id(id) ? id : "";
    identity.machine_info = read_assignments(find_text(root, "/etc/machine-info").value_or(""));
    auto release = find_text(root, "/etc/os-release");
    if (!release) {
        release = find_text(root, "/usr/lib/os-release");
    }
    identity.os_release = read_assignments(release.value_or(""));
    return identity;
}

int serve_inspect() {
    try {
        const Confined confined = raise_reading_fences(View::Staging, Rights::Tree, kTargetFd);
        send_message(kControlFd, pull::to_json(read_identity(confined.root.get())));
        return 0;
    } catch (const Error& error) {
        send_message(kControlFd, pull::inspect_failure_json(error.kind(), error.what()));
        return 1;
    }
}

} // namespace slipway::unpack
