// /proc/PID/stat, whose second field is whatever a program likes to be called.

#include "spawn/process_id.hh"

#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::spawn {

std::optional<ProcessId> find_process(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    std::string line;
    if (!std::getline(file, line)) {
        return std::nullopt;
    }
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string state;
    fields >> state;
    std::string skipped;
    for (int field = 4; field < 22; ++field) {
        fields >> skipped;
    }
    ProcessId process{.pid = pid};
    if (!(fields >> process.start_time) || state == "Z" || state == "X") {
        return std::nullopt;
    }
    return process;
}

bool is_alive(const ProcessId& process) {
    return process.pid > 0 && find_process(process.pid) == process;
}

Fd open_process(const ProcessId& process) {
    Fd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
    if (!pidfd || !is_alive(process)) {
        return Fd();
    }
    return pidfd;
}

bool signal_process(const ProcessId& process, int signal) {
    const Fd pidfd = open_process(process);
    if (!pidfd) {
        return false;
    }
    if (::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0) == 0) {
        return true;
    }
    if (errno == ESRCH) {
        return false;
    }
    throw errno_error("cannot signal process {}", process.pid);
}

} // namespace slipway::spawn
