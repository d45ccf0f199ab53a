// The answer is one JSON object, in a file without a name, read when the process has ended.

#include "importd/machine_looker.hh"

#include <csignal>
#include <utility>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/bytes.hh"
#include "base/error.hh"
#include "base/json.hh"
#include "base/memfd.hh"
#include "base/quoted.hh"

namespace slipway::importd {
namespace {

constexpr std::uint64_t kMaxAnswerBytes = 1 * MiB;

// @throws Error  why there is none
MachineLook read_answer(int said, const ChildExit& exit, const ChildProcess& child) {
    if (exit.signaled && exit.code == SIGKILL) {
        throw Error(Kind::Busy, "the machine does not answer in time");
    }
    if (!exit.success()) {
        throw Error(Kind::Other, "the machine cannot be looked at: {}",
                    escaped(child.stderr_tail()));
    }
    try {
        const nlohmann::json object = nlohmann::json::parse(read_all(said, kMaxAnswerBytes));
        return {.os_release = object.at("os_release").get<std::map<std::string, std::string>>(),
                .addresses = object.at("addresses").get<std::vector<std::string>>()};
    } catch (const nlohmann::json::exception& error) {
        throw Error(Kind::Internal, "slipway-supervise says what cannot be read: {}",
                    escaped(error.what()));
    }
}

} // namespace

void MachineLooker::ask(const std::string& machine, Answer answer, Failed failed) {
    try {
        if (running_.size() >= kRunning) {
            throw Error(Kind::Limit, "{} machines are being looked at already", running_.size());
        }
        Fd said = make_memfd();
        ChildSpec spec;
        spec.program = find_program("slipway-supervise");
        spec.arguments = {"--look", machine};
        spec.fds = {{said.get(), STDOUT_FILENO}};
        spec.own_process_group = true;
        spec.capture_stderr = true;
        const std::uint64_t number = ++last_;
        Running& there = running_
                             .emplace(number, Running{ChildProcess(spec), std::move(said),
                                                      std::move(answer), failed})
                             .first->second;
        there.exit =
            loop_.on_ready(there.child.pidfd(), EPOLLIN, [this, number] { ended(number); });
        there.too_late = loop_.after(kPatience, [&child = there.child] { child.kill(SIGKILL); });
    } catch (const std::exception&) {
        failed(std::current_exception());
    }
}

void MachineLooker::ended(std::uint64_t number) {
    auto node = running_.extract(number);
    Running& done = node.mapped();
    const ChildExit exit = done.child.wait();
    done.exit = {};
    done.too_late = {};
    try {
        done.answer(read_answer(done.said.get(), exit, done.child));
    } catch (const std::exception&) {
        done.failed(std::current_exception());
    }
}

} // namespace slipway::importd
