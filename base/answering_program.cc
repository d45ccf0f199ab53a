// Descriptor 3 is the control socket of all of them (docs/protocol.md).

#include "base/answering_program.hh"

#include <csignal>
#include <utility>

#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"

namespace slipway {
namespace {

constexpr int kControlFd = 3;

// What the program said before it died: the last line, as the filter of system calls or the run
// time library writes it.
std::string last_words(const ChildProcess& child) {
    std::string tail = child.stderr_tail();
    while (!tail.empty() && tail.back() == '\n') {
        tail.pop_back();
    }
    const std::size_t newline = tail.rfind('\n');
    const std::string line = newline == std::string::npos ? tail : tail.substr(newline + 1);
    return line.empty() ? "" : ": " + escaped(line);
}

} // namespace

AnsweringProgram::AnsweringProgram(std::string program, std::vector<std::string> arguments,
                                   std::vector<std::pair<int, int>> fds)
    : name_(std::move(program)) {
    auto [ours, theirs] = make_message_pair();
    socket_ = std::move(ours);
    fds.emplace_back(theirs.get(), kControlFd);
    child_.emplace(ChildSpec{.program = find_program(name_),
                             .arguments = std::move(arguments),
                             .fds = std::move(fds),
                             .environment = std::vector<std::string>{},
                             .own_process_group = true,
                             .capture_stderr = true});
}

void AnsweringProgram::send(std::string_view request, const std::vector<int>& fds) {
    try {
        send_message(socket_.get(), request, fds);
    } catch (const Error&) {
        // It has ended already, and said why: next() hears it.
    }
}

std::string AnsweringProgram::next(std::stop_token stop) {
    std::optional<Message> message = receive_message(socket_.get(), stop);
    if (!message) {
        // Where it ended before it read all that we sent, the kernel reports a reset first and its
        // last words after that (unix(7), ECONNRESET).
        message = receive_message(socket_.get(), std::move(stop));
    }
    if (!message) {
        throw_death();
    }
    return std::move(message->text);
}

void AnsweringProgram::throw_death() {
    const ChildExit end = child_->wait();
    if (end.signaled && end.code == SIGKILL) {
        throw Error(Kind::Limit, "{} {}: most likely the kernel ran out of memory (dmesg tells)",
                    name_, end.description());
    }
    const std::string words = last_words(*child_);
    if (words.find("std::bad_alloc") != std::string::npos) {
        throw Error(Kind::Limit, "{} {}: there was not enough memory", name_, end.description());
    }
    throw Error(Kind::Internal, "{} {} without an answer{}", name_, end.description(), words);
}

} // namespace slipway
