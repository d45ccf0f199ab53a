// The answer is a file: a number for how it went, and behind it what was returned or said.

#include "toolbox/joined_work.hh"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "base/pipe.hh"
#include "spawn/enter.hh"

namespace slipway::toolbox {
namespace {

constexpr std::size_t kMaxAnswerBytes = 1 << 20;
constexpr char kDone = 'd';
constexpr char kCanceled = 'c';
constexpr char kFailed = 'f'; // then the number of the kind, as a byte

std::string answer_of(const std::function<std::string(int)>& work, int stopped) {
    try {
        return kDone + work(stopped);
    } catch (const Canceled&) {
        return {kCanceled};
    } catch (const Error& error) {
        return std::string{kFailed, static_cast<char>(error.kind())} + error.what();
    } catch (const std::exception& error) {
        return std::string{kFailed, static_cast<char>(Kind::Other)} + error.what();
    }
}

} // namespace

JoinedWork::JoinedWork(const std::function<std::string(int)>& work) : answer_(make_memfd()) {
    auto [stopped, stop] = make_pipe();
    stop_ = std::move(stop);
    const int stopped_fd = stopped.get();
    child_ = spawn::fork_with([&] {
        stop_.reset();
        write_all(answer_.get(), answer_of(work, stopped_fd));
        return 0;
    });
    pidfd_.reset(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
}

JoinedWork::~JoinedWork() {
    if (child_ != 0) {
        stop();
        spawn::wait_for_status(child_);
    }
}

std::string JoinedWork::wait() {
    const int status = spawn::wait_for_status(std::exchange(child_, 0));
    const std::string answer = read_all(answer_.get(), kMaxAnswerBytes);
    if (status != 0 || answer.empty()) {
        throw Error(Kind::Internal, "what worked in the machine ended with status {}", status);
    }
    if (answer.front() == kCanceled) {
        throw Canceled();
    }
    if (answer.front() == kFailed) {
        throw Error(static_cast<Kind>(answer.at(1)), "{}", answer.substr(2));
    }
    return answer.substr(1);
}

} // namespace slipway::toolbox
