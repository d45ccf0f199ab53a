// There is nothing that a keeper says after its request.

#include "unpack/keeper_watch.hh"

#include <chrono>
#include <utility>

#include "base/error.hh"
#include "base/wait.hh"
#include "unpack/fences.hh"

namespace slipway::unpack {
namespace {

constexpr std::chrono::milliseconds kProgressInterval{100};

} // namespace

KeeperWatch::KeeperWatch(std::function<void()> tell, std::stop_source gone)
    : tell_(std::move(tell)), gone_(std::move(gone)),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

void KeeperWatch::run(std::stop_token stop) noexcept {
    try {
        Waiter waiter(std::move(stop)); // once: descriptors may be scarce later
        pollfd control{kControlFd, POLLIN, 0};
        while (waiter.poll({&control, 1}, std::chrono::steady_clock::now() + kProgressInterval) ==
               0) {
            tell_();
        }
        gone_.request_stop();   // it has closed its end
    } catch (const Canceled&) { // all is done
    } catch (const std::exception&) {
        gone_.request_stop();
    }
}

} // namespace slipway::unpack
