// Addresses are read by a child that has joined the machine's network.

#include "spawn/guest_facts.hh"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "spawn/enter.hh"

namespace slipway::spawn {
namespace {

constexpr std::size_t kMaxFileBytes = 64 * 1024;

std::string text_of(const sockaddr* address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address->sa_family == AF_INET) {
        const auto* in = reinterpret_cast<const sockaddr_in*>(address);
        ::inet_ntop(AF_INET, &in->sin_addr, text.data(), text.size());
    } else if (address->sa_family == AF_INET6) {
        const auto* in = reinterpret_cast<const sockaddr_in6*>(address);
        if (IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr) == 0) {
            ::inet_ntop(AF_INET6, &in->sin6_addr, text.data(), text.size());
        }
    }
    return text.data();
}

// A line each.
std::string own_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) < 0) {
        throw errno_error("cannot list addresses");
    }
    std::string lines;
    for (const ifaddrs* one = list; one != nullptr; one = one->ifa_next) {
        if (one->ifa_addr != nullptr && (one->ifa_flags & IFF_LOOPBACK) == 0) {
            const std::string text = text_of(one->ifa_addr);
            lines += text.empty() ? "" : text + "\n";
        }
    }
    ::freeifaddrs(list);
    return lines;
}

bool shares_network(const Guest& guest) {
    struct stat ours {};
    struct stat theirs {};
    return ::stat("/proc/self/ns/net", &ours) < 0 ||
           ::stat(fmt::format("/proc/{}/ns/net", guest.leader()).c_str(), &theirs) < 0 ||
           ours.st_ino == theirs.st_ino;
}

// The first of a name counts.
std::map<std::string, std::string> read_variables(std::string_view os_release) {
    std::map<std::string, std::string> all;
    while (!os_release.empty()) {
        const std::size_t end = std::min(os_release.find('\n'), os_release.size());
        const std::string_view line = os_release.substr(0, end);
        os_release.remove_prefix(std::min(end + 1, os_release.size()));
        const std::size_t sign = line.find('=');
        if (sign == line.npos || sign == 0 || line.front() == '#') {
            continue;
        }
        std::string_view value = line.substr(sign + 1);
        if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
            value.back() == value.front()) {
            value = value.substr(1, value.size() - 2);
        }
        all.emplace(line.substr(0, sign), value);
    }
    return all;
}

} // namespace

std::string find_variable(std::string_view os_release, std::string_view name) {
    const auto all = read_variables(os_release);
    const auto found = all.find(std::string(name));
    return found == all.end() ? "" : found->second;
}

std::map<std::string, std::string> os_release_of(const Guest& guest) {
    std::optional<std::string> text = guest.read_file("/etc/os-release", kMaxFileBytes);
    if (!text) {
        text = guest.read_file("/usr/lib/os-release", kMaxFileBytes);
    }
    return read_variables(text.value_or(""));
}

GuestSystem system_of(const Guest& guest) {
    std::map<std::string, std::string> all = os_release_of(guest);
    return {.id = all["ID"], .version = all["VERSION_ID"]};
}

std::vector<std::string> addresses_of(const Guest& guest) {
    if (shares_network(guest)) {
        return {};
    }
    const Fd answer = make_memfd();
    const int status = wait_for_status(fork_with([&] {
        join(guest, CLONE_NEWNET);
        write_all(answer.get(), own_addresses());
        return 0;
    }));
    std::vector<std::string> addresses;
    if (status == 0) {
        std::string lines = read_all(answer.get(), kMaxFileBytes);
        for (std::size_t end = 0; (end = lines.find('\n')) != lines.npos;) {
            addresses.push_back(lines.substr(0, end));
            lines.erase(0, end + 1);
        }
    }
    return addresses;
}

} // namespace slipway::spawn
