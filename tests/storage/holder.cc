// A child that takes what it is told to and waits to be killed.

#include "tests/storage/holder.hh"

#include <array>
#include <csignal>
#include <cstdio>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/fd.hh"

namespace slipway::tests {

LockHolder::LockHolder(const std::function<void()>& take) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    const Fd reader(ends[0]);
    Fd writer(ends[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        try {
            take();
            if (::write(writer.get(), "x", 1) == 1) {
                for (;;) {
                    ::pause();
                }
            }
        } catch (const std::exception& error) {
            std::fprintf(stderr, "the holder failed: %s\n", error.what());
        }
        ::_exit(1);
    }
    writer.reset();
    char ready = 0;
    if (::read(reader.get(), &ready, 1) != 1) {
        kill();
        throw std::runtime_error("the holder holds nothing");
    }
}

void LockHolder::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

std::string LockHolder::description() const {
    return fmt::format("storage_test (PID {})", pid_);
}

} // namespace slipway::tests
