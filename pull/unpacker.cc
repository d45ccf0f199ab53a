// Descriptor 3 is the control socket, 4 the target, 5 the scratch file; the input, and where it is
// copied to, travel with the request.

#include "pull/unpacker.hh"

#include <csignal>

#include "base/error.hh"
#include "base/message.hh"
#include "base/quoted.hh"

namespace slipway::pull {
namespace {

constexpr int kControlFd = 3;
constexpr int kTargetFd = 4;
constexpr int kScratchFd = 5;

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

[[noreturn]] void throw_death(ChildProcess& child) {
    const ChildExit end = child.wait();
    if (end.signaled && end.code == SIGKILL) {
        throw Error(Kind::Limit,
                    "slipway-unpack {}: most likely the kernel ran out of memory (dmesg tells)",
                    end.description());
    }
    const std::string words = last_words(child);
    if (words.find("std::bad_alloc") != std::string::npos) {
        throw Error(Kind::Limit, "slipway-unpack {}: there was not enough memory",
                    end.description());
    }
    throw Error(Kind::Internal, "slipway-unpack {} without an answer{}", end.description(), words);
}

} // namespace

Unpacker::Unpacker(UnpackRequest request, int target, int input, int scratch, int copy) {
    auto [ours, theirs] = make_message_pair();
    socket_ = std::move(ours);
    ChildSpec spec{.program = find_program("slipway-unpack"),
                   .arguments = {request.work == Work::Tree ? "tree" : "disk"},
                   .fds = {{theirs.get(), kControlFd}},
                   .environment = std::vector<std::string>{},
                   .own_process_group = true,
                   .capture_stderr = true};
    if (request.work != Work::Digest) {
        spec.fds.emplace_back(target, kTargetFd);
    }
    if (request.work == Work::Disk && scratch >= 0) {
        spec.fds.emplace_back(scratch, kScratchFd);
    }
    if (request.work == Work::Tree && request.tar.privileged_xattrs) {
        spec.arguments.emplace_back("--privileged-xattrs"); // known before it confines itself
    }
    child_.emplace(spec);
    theirs.reset();
    std::vector<int> fds{input};
    request.copy = copy >= 0;
    if (request.copy) {
        fds.push_back(copy);
    }
    try {
        send_message(socket_.get(), to_json(request), fds);
    } catch (const Error&) {
        // It has ended already, and said why: next() hears it.
    }
}

UnpackAnswer Unpacker::next(std::stop_token stop) {
    std::optional<Message> message = receive_message(socket_.get(), stop);
    if (!message) {
        // Where it ended before it read all that we sent, the kernel reports a reset first and its
        // last words after that (unix(7), ECONNRESET).
        message = receive_message(socket_.get(), std::move(stop));
    }
    if (!message) {
        throw_death(*child_);
    }
    return parse_unpack_answer(message->text);
}

} // namespace slipway::pull
