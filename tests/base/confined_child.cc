// Children of a test, and the world that they must not reach.

#include "tests/base/confined_child.hh"

#include <csignal>
#include <stdexcept>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"

namespace slipway::tests {

int exit_code_of(const std::function<int()>& body) {
    const pid_t pid = ::fork();
    if (pid == 0) {
        int code = kNotConfined;
        try {
            code = body();
        } catch (const std::exception& error) {
            const std::string line = std::string(error.what()) + "\n";
            static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
        }
        ::_exit(code);
    }
    int status = 0;
    ::waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool held(int code) {
    return code == kFailed || code == 128 + SIGSYS;
}

void refuse_call(int call, int error) {
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    seccomp_rule_add(context, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call, 0);
    const int loaded = seccomp_load(context);
    seccomp_release(context);
    if (loaded < 0) {
        throw std::runtime_error("cannot refuse a system call");
    }
}

World::World() : listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    std::filesystem::create_directory(staging);
    write_file(victim, "untouched");
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener.get(), any, size) < 0 || ::listen(listener.get(), 64) < 0 ||
        ::getsockname(listener.get(), any, &size) < 0) {
        throw errno_error("cannot listen on loopback");
    }
}

Confinement World::confinement(unsigned fences) const {
    Confinement wanted;
    wanted.view = View::Staging;
    wanted.filter = Filter::Unpack;
    wanted.staging = ::open(staging.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    wanted.capabilities = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                           CAP_FSETID, CAP_MKNOD,        CAP_SETFCAP};
    wanted.fences = fences;
    return wanted;
}

} // namespace slipway::tests
