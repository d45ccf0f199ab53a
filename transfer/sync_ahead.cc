// The other program gets an open file of its own: an error that fsync(2) or syncfs(2) tells to one
// is not told again to those who share it.

#include "transfer/sync_ahead.hh"

#include <cstdint>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/child_process.hh"
#include "base/error.hh"
#include "base/log.hh"
#include "base/wait.hh"

namespace slipway::transfer {
namespace {

constexpr int kPassedFd = 3;

// What a slow disk writes in about a second.
constexpr std::uint64_t kMuch = 64 * MiB;

// What waits in this host's memory for any disk: syncfs(2) has to wait for what others wrote, too.
std::uint64_t unwritten_bytes() {
    std::ifstream file("/proc/meminfo");
    std::uint64_t bytes = 0;
    std::string name;
    for (std::uint64_t amount = 0; file >> name >> amount; file.ignore(100, '\n')) {
        if (name == "Dirty:" || name == "Writeback:") {
            bytes += amount * KiB;
        }
    }
    return bytes;
}

} // namespace

void sync_ahead(int fd, const std::stop_token& stop) {
    if (unwritten_bytes() < kMuch) {
        return;
    }
    const Fd own(::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC));
    if (!own) {
        return; // without /proc; commit syncs all the same
    }
    ChildSpec spec;
    spec.program = find_program("slipway-transfer");
    spec.arguments = {"sync"};
    spec.fds = {{own.get(), kPassedFd}};
    spec.own_process_group = true;
    ChildProcess child(spec);
    try {
        wait_for(child.pidfd(), POLLIN, stop);
    } catch (const Canceled&) {
        std::move(child).abandon();
        throw;
    }
    debug("synced ahead: {}", child.wait().description());
}

int sync_passed_file() {
    struct stat info {};
    const bool is_disk = ::fstat(kPassedFd, &info) == 0 && S_ISREG(info.st_mode);
    const int result = is_disk ? ::fsync(kPassedFd) : ::syncfs(kPassedFd);
    return result == 0 ? 0 : exit_status(Kind::Other);
}

} // namespace slipway::transfer
