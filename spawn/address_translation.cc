// By nft(8), told on its standard input. A table is made before it is deleted: the nft of Debian 12
// has no word that is content with absence; all of one text happens at once or not at all.

#include "spawn/address_translation.hh"

#include <optional>

#include <fcntl.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::spawn {
namespace {

constexpr const char* kNft = "/usr/sbin/nft";
constexpr const char* kEngineMap = "io.systemd.nat map_port_ipport"; // of systemd-nspawn
constexpr const char* kForward = "/proc/sys/net/ipv4/ip_forward";

std::string gone(const std::string& table) {
    return fmt::format("add table {0}\ndelete table {0}\n", table);
}

bool has_nft() {
    return ::access(kNft, X_OK) == 0;
}

struct Answer {
    bool is_done = false;
    std::string text;   ///< standard output
    std::string reason; ///< otherwise
};

Answer ask_nft(const std::string& text) {
    const Fd input = make_sealed_memfd(text);
    const Fd output = make_memfd();
    ChildProcess nft(ChildSpec{.program = kNft,
                               .arguments = {"-f", "-"},
                               .fds = {{input.get(), STDIN_FILENO}, {output.get(), STDOUT_FILENO}},
                               .environment = {},
                               .capture_stderr = true});
    const ChildExit exit = nft.wait();
    return {.is_done = exit.success(),
            .text = read_all(output.get(), 64 * KiB),
            .reason = fmt::format("nft {}: {}", exit.description(), escaped(nft.stderr_tail()))};
}

void tell_nft(const std::string& text) {
    const Answer answer = ask_nft(text);
    if (!answer.is_done) {
        throw Error(Kind::Other, "{}", answer.reason);
    }
}

// Where the engine's map leads, of "… { tcp . 8080 : 10.201.0.2 . 80 }"; nothing when it has no
// such element.
std::optional<std::uint32_t> mapped_address(const std::string& element) {
    const Answer answer = ask_nft(fmt::format("get element ip {} {{ {} }}\n", kEngineMap, element));
    const std::size_t at = answer.text.find(element + " : ");
    if (!answer.is_done || at == answer.text.npos) {
        return std::nullopt;
    }
    const std::size_t start = at + element.size() + 3;
    return parse_address(answer.text.substr(start, answer.text.find(' ', start) - start));
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
    if (!has_nft()) {
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
    if (has_nft()) {
        tell_nft(gone(table));
    }
}

void release_port(const std::string& port) {
    if (!has_nft()) {
        return;
    }
    const std::string element =
        fmt::format("{} . {}", port.substr(0, port.find(' ')), port.substr(port.find(' ') + 1));
    const std::optional<std::uint32_t> address = mapped_address(element);
    if (address && !Netlink().has_route(*address)) {
        tell_nft(fmt::format("delete element ip {} {{ {} }}\n", kEngineMap, element));
    }
}

} // namespace slipway::spawn
