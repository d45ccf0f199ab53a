// The program and whatever it has started form one process group, so that nothing outlives it.

#include "verify/helper.hh"

#include <csignal>
#include <utility>

#include <poll.h>

#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"

namespace slipway::verify {
namespace {

constexpr int kControlFd = 3;
// How long a program may take to end by itself once nobody listens any more.
constexpr std::chrono::milliseconds kGrace{500};

// Nothing of the caller's: no GNUPGHOME, no home, no language, no path of programs.
std::vector<std::string> environment() {
    return {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "GNUPGHOME=/nonexistent",
            "LC_ALL=C.UTF-8"};
}

} // namespace

Helper::Helper(const std::string& program, std::vector<std::string> arguments, Deadline deadline)
    : name_(program), deadline_(deadline) {
    auto [ours, theirs] = make_message_pair();
    ChildSpec spec;
    spec.program = find_program(program);
    spec.arguments = std::move(arguments);
    spec.fds = {{theirs.get(), kControlFd}};
    spec.environment = environment();
    spec.own_process_group = true;
    spec.capture_stderr = true;
    child_.emplace(spec);
    socket_ = std::move(ours);
}

Helper::~Helper() {
    socket_.reset();
    pollfd ended{child_->pidfd(), POLLIN, 0};
    ::poll(&ended, 1, static_cast<int>(kGrace.count()));
    // Before it is reaped: until then the number of its group belongs to nobody else.
    ::kill(-child_->pid(), SIGKILL);
}

void Helper::send(std::string_view text, const std::vector<int>& fds) {
    try {
        send_message(socket_.get(), text, fds);
    } catch (const Error&) {
        report_end(); // it is gone: how says more than that nobody listens
    }
}

void Helper::report_end() {
    const std::optional<ChildExit> exit = child_->wait_for(kGrace);
    const std::string said = child_->stderr_tail(400);
    throw Error(Kind::Internal, "{} {}{}", name_,
                exit ? exit->description() : "closed its end without an answer",
                said.empty() ? "" : fmt::format("; it said {}", quoted(said)));
}

std::string Helper::receive(std::stop_token stop) {
    if (!wait_for(socket_.get(), POLLIN, stop, deadline_)) {
        throw Error(Kind::Internal, "{} did not answer in time", name_);
    }
    std::optional<Message> message = receive_message(socket_.get(), stop, deadline_);
    if (!message) {
        report_end();
    }
    return std::move(message->text);
}

} // namespace slipway::verify
