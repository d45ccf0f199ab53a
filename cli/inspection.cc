// Why it failed is nobody's business here: a listing leaves out what is not known.

#include "cli/inspection.hh"

#include <array>
#include <string_view>
#include <variant>

#include <fcntl.h>
#include <unistd.h>

#include "base/child_process.hh"
#include "base/error.hh"
#include "base/fd.hh"
#include "base/memfd.hh"
#include "transfer/event_reader.hh"

namespace slipway::cli {
namespace {

// The pipes' other ends are the keeper's; the end of the request would cancel it.
struct Pipe {
    Pipe() {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) < 0) {
            throw errno_error("cannot make a pipe to slipway-transfer");
        }
        read.reset(ends[0]);
        write.reset(ends[1]);
    }
    Fd read;
    Fd write;
};

template <typename Answer>
std::optional<Answer> ask(const transfer::Request& request) {
    Pipe orders;
    Pipe said;
    ChildProcess keeper(
        ChildSpec{.program = find_program("slipway-transfer"),
                  .arguments = {},
                  .fds = {{orders.read.get(), STDIN_FILENO}, {said.write.get(), STDOUT_FILENO}},
                  .environment = std::nullopt,
                  .capture_stderr = true});
    said.write.reset();
    std::optional<Answer> found;
    try {
        write_all(orders.write.get(), transfer::to_json(request) + "\n");
        transfer::EventReader reader;
        std::array<char, 16 * 1024> buffer{};
        for (ssize_t got = 0; (got = ::read(said.read.get(), buffer.data(), buffer.size())) > 0;) {
            for (const transfer::Event& event :
                 reader.feed({buffer.data(), static_cast<std::size_t>(got)})) {
                if (const auto* answer = std::get_if<Answer>(&event)) {
                    found = *answer;
                }
            }
        }
    } catch (const Error&) {
        return std::nullopt;
    }
    keeper.wait();
    return found;
}

} // namespace

std::optional<transfer::Inspected> inspect(const transfer::Request& request) {
    return ask<transfer::Inspected>(request);
}

std::optional<disk::BootWays> inspect_disk(const transfer::Request& request) {
    const auto found = ask<transfer::DiskInspected>(request);
    return found ? std::optional(found->boots) : std::nullopt;
}

} // namespace slipway::cli
