// Signals and the end of the request stop a job.

#include <csignal>
#include <ctime>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/wait.hh"
#include "tests/catch.hh"
#include "transfer/cancel_watch.hh"

using namespace slipway;
using namespace slipway::transfer;
using namespace std::chrono_literals;

namespace {

// True when the stop was requested within ten seconds.
bool stops(const CancelWatch& watch) {
    pollfd nothing{-1, 0, 0};
    try {
        poll_fds({&nothing, 1}, watch.token(), std::chrono::steady_clock::now() + 10s);
    } catch (const Canceled&) {
        return true;
    }
    return false;
}

// Signals stay blocked behind a CancelWatch; the runner wants its own C-c back.
class SavedSignals {
public:
    SavedSignals() { ::pthread_sigmask(SIG_SETMASK, nullptr, &saved_); }
    ~SavedSignals() {
        sigset_t pending{};
        ::sigfillset(&pending);
        const timespec now{};
        while (::sigtimedwait(&pending, nullptr, &now) > 0) {
        }
        ::pthread_sigmask(SIG_SETMASK, &saved_, nullptr);
    }

private:
    sigset_t saved_{};
};

} // namespace

TEST_CASE("the end of the request cancels the job", "[transfer][cancel]") {
    const SavedSignals saved;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd read(ends[0]);
    Fd write(ends[1]);
    const CancelWatch watch(read.get());
    CHECK(::write(write.get(), "more\n", 5) == 5);
    CHECK_FALSE(watch.token().stop_requested());
    write.reset();
    CHECK(stops(watch));
    CHECK(watch.signal() == 0);
}

TEST_CASE("K3: the first of several signals cancels the job, the others are harmless",
          "[transfer][cancel]") {
    const SavedSignals saved;
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Fd read(ends[0]);
    const Fd write(ends[1]);
    const CancelWatch watch(read.get());
    ::kill(::getpid(), SIGHUP);
    CHECK(stops(watch));
    ::kill(::getpid(), SIGTERM);
    ::kill(::getpid(), SIGTERM);
    CHECK(watch.signal() == SIGHUP);
}
