// By nft(8), told on its standard input. A table is made before it is deleted: the nft of Debian 12
// has no word that is content with absence; all of one text happens at once or not at all.

#include "spawn/masquerade.hh"

#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

constexpr const char* kNft = "/usr/sbin/nft";
constexpr const char* kForward = "/proc/sys/net/ipv4/ip_forward";

std::string gone(const std::string& table) {
    return fmt::format("add table {0}\ndelete table {0}\n", table);
}

void tell_nft(const std::string& text) {
    const Fd input = make_sealed_memfd(text);
    ChildProcess nft(ChildSpec{.program = kNft,
                               .arguments = {"-f", "-"},
                               .fds = {{input.get(), STDIN_FILENO}},
                               .environment = {},
                               .capture_stderr = true});
    const ChildExit exit = nft.wait();
    if (!exit.success()) {
        throw Error(Kind::Other, "nft {}: {}", exit.description(), escaped(nft.stderr_tail()));
    }
}

// Written only when it changes: the kernel resets an interface's settings with it.
void forward() {
    const Fd file(::open(kForward, O_RDWR | O_CLOEXEC));
    char now = '0';
    if (!file || ::pread(file.get(), &now, 1, 0) != 1 ||
        (now == '0' && ::pwrite(file.get(), "1", 1, 0) != 1)) {
        throw errno_error("cannot make the host forward ({})", kForward);
    }
}

} // namespace

void masquerade(const std::string& table, const Subnet& subnet) {
    if (::access(kNft, X_OK) < 0) {
        throw Error(Kind::Unsupported, "--network=nat needs nft, which is not installed; install "
                                       "the package nftables, or use --network=veth");
    }
    forward();
    tell_nft(gone(table) + fmt::format("table {0} {{\n"
                                       "    chain postrouting {{\n"
                                       "        type nat hook postrouting priority srcnat\n"
                                       "        ip saddr {1} ip daddr != {1} masquerade\n"
                                       "    }}\n"
                                       "}}\n",
                                       table, text_of(subnet)));
}

void remove_table(const std::string& table) {
    if (::access(kNft, X_OK) == 0) {
        tell_nft(gone(table));
    }
}

} // namespace slipway::spawn
