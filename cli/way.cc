// Whatever may block is done before signals are taken over: until then C-c ends the program.

#include "cli/way.hh"

#include <cstdlib>
#include <utility>

#include <unistd.h>

#include "base/error.hh"
#include "cli/cache_directory.hh"
#include "cli/daemon.hh"
#include "cli/daemon_job.hh"
#include "cli/import_input.hh"
#include "cli/proxy_warning.hh"
#include "cli/state_directory.hh"
#include "cli/submission.hh"

namespace slipway::cli {
namespace {

class DirectWay final : public Way {
public:
    // The keeper is our child and opens a path with our rights.
    Fd open_input(const transfer::Request& request, const std::string& operand) override {
        return transfer::is_pull(request.verb) || !request.path.empty()
                   ? Fd()
                   : open_import_input(request.verb, operand);
    }
    JobResult run(const transfer::Request& request, Fd input, const Invocation& asked,
                  Console& console, SignalWatch& signals) override {
        transfer::Request direct = request;
        direct.state =
            state_directory(::geteuid() == 0, [](const char* name) { return std::getenv(name); });
        if (transfer::is_pull(request.verb)) {
            direct.cache = cache_directory(asked.options);
        }
        return run_direct(direct, input.get(), asked.options, console, signals);
    }
};

class DaemonWay final : public Way {
public:
    explicit DaemonWay(std::unique_ptr<Daemon> daemon) : daemon_(std::move(daemon)) {}

    // Only what the caller can read is imported: the daemon opens nothing by name.
    Fd open_input(const transfer::Request& request, const std::string& operand) override {
        return transfer::is_pull(request.verb) ? Fd() : open_import_input(request.verb, operand);
    }
    JobResult run(const transfer::Request& request, Fd input, const Invocation& asked,
                  Console& console, SignalWatch& signals) override {
        const bool is_pull = transfer::is_pull(request.verb);
        if (is_pull && !daemon_->has_proxies()) {
            warn_of_proxies(console);
        }
        return run_through(*daemon_, request, std::move(input), source(request, asked),
                           asked.options, console, signals);
    }

private:
    // What a descriptor is called.
    static std::string source(const transfer::Request& request, const Invocation& asked) {
        if (transfer::is_export(request.verb)) {
            return source_of(asked.operands.size() > 1 ? asked.operands[1] : "-");
        }
        return transfer::is_import(request.verb) ? source_of(asked.operands.at(0)) : "";
    }

    std::unique_ptr<Daemon> daemon_;
};

} // namespace

std::unique_ptr<Way> choose_way(const Options& options) {
    const bool direct = options.direct || options.pool_given;
    if (direct && !options.wait) {
        throw Error(Kind::InvalidArgument, "--wait=no leaves a transfer to slipway-importd, and "
                                           "--direct and --pool= do without it");
    }
    std::unique_ptr<Daemon> daemon = direct ? nullptr : Daemon::find();
    if (daemon) {
        return std::make_unique<DaemonWay>(std::move(daemon));
    }
    if (!options.wait) {
        throw without_daemon("--wait=no");
    }
    return std::make_unique<DirectWay>();
}

int do_without_daemon(const transfer::Request& request, const Invocation& asked, Console& console) {
    SignalWatch signals;
    return DirectWay().run(request, Fd(), asked, console, signals).status;
}

int change_image(const transfer::Request& request, const Invocation& asked, Console& console) {
    if (request.dry_run) {
        return do_without_daemon(request, asked, console);
    }
    const std::unique_ptr<Way> way = choose_way(asked.options);
    SignalWatch signals;
    return way->run(request, Fd(), asked, console, signals).status;
}

int bring_in(const transfer::Request& request, const Invocation& asked, Console& console) {
    if (request.dry_run) {
        if (!asked.options.wait) {
            throw Error(Kind::InvalidArgument, "--wait=no leaves a transfer to slipway-importd, "
                                               "and --dry-run does without it");
        }
        return do_without_daemon(request, asked, console);
    }
    const std::unique_ptr<Way> way = choose_way(asked.options);
    Fd input = way->open_input(request, asked.operands.at(0));
    SignalWatch signals;
    return way->run(request, std::move(input), asked, console, signals).status;
}

} // namespace slipway::cli
