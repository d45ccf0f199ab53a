// The keeper holds the pipe's writing end, slipway-check alone the other: when either is gone, the
// other side learns of it.

#include <array>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/error.hh"
#include "base/memfd.hh"
#include "verify/check_call.hh"
#include "verify/checker.hh"

namespace slipway::verify {
namespace {

// As much as an unprivileged process may ask for; with less, writer and engine wait in turns.
constexpr int kPipeBytes = 1024 * 1024;

struct Pipe {
    Fd out;
    Fd in;
};

Pipe make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
        throw errno_error("cannot make a pipe");
    }
    Pipe pipe{Fd(ends[0]), Fd(ends[1])};
    static_cast<void>(::fcntl(pipe.in.get(), F_SETPIPE_SZ, kPipeBytes)); // a wish
    return pipe;
}

} // namespace

struct StreamedCheck::State {
    explicit State(std::chrono::milliseconds checkers_patience) : patience(checkers_patience) {}

    std::chrono::milliseconds patience;
    std::vector<std::string> warnings;
    Fd input;
    Helper helper{"slipway-check", {}, std::nullopt};
};

StreamedCheck::StreamedCheck(const SignatureChecker& checker, std::string_view signature)
    : state_(or_engine_failed([&] { return std::make_unique<State>(checker.patience()); })) {
    or_engine_failed([&] {
        const std::vector<OpenRing> rings = open_rings(checker.keyrings(), state_->warnings);
        const Fd signature_file = make_sealed_memfd(signature);
        Pipe pipe = make_pipe();
        state_->input = std::move(pipe.in);
        send_check(state_->helper, CheckForm::Streamed, {pipe.out.get(), signature_file.get()},
                   rings, state_->patience);
    });
}

StreamedCheck::~StreamedCheck() = default;

int StreamedCheck::input() const noexcept {
    return state_->input.get();
}

void StreamedCheck::close_input() noexcept {
    state_->input.reset();
}

SignatureReport StreamedCheck::finish(std::stop_token stop) {
    close_input();
    return or_engine_failed([&] {
        state_->helper.set_deadline(std::chrono::steady_clock::now() + state_->patience);
        const std::string answer = state_->helper.receive(stop);
        throw_if_error(answer, "slipway-check");
        SignatureReport report = signature_report_from_json(answer);
        report.warnings.insert(report.warnings.begin(), state_->warnings.begin(),
                               state_->warnings.end());
        return report;
    });
}

} // namespace slipway::verify
