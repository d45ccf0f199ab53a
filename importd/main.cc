// slipway-importd, the daemon: transfer jobs for whoever may, on the system bus.

#include <csignal>
#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/error.hh"
#include "base/log.hh"
#include "importd/arguments.hh"
#include "importd/daemon.hh"

namespace {

using namespace slipway;

// Each waiting import holds its caller's descriptor.
void raise_fd_limit() {
    struct rlimit limit {};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int run(int argc, char** argv) {
    const std::optional<importd::Arguments> arguments = importd::parse_arguments(argc, argv);
    if (!arguments) {
        return 0;
    }
    if (arguments->debug) {
        enable_debug_log("slipway-importd");
    }
    ::umask(0022);
    raise_fd_limit();
    importd::Daemon(*arguments).run();
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return run(argc, argv);
    } catch (const Error& error) {
        fmt::print(stderr, "slipway-importd: {}\n", error.what());
        return error.status();
    } catch (const std::exception& error) {
        fmt::print(stderr, "slipway-importd: {}\n", error.what());
        return exit_status(Kind::Other);
    }
}
