// One engine, two ways in: slipway-importd where it answers, else slipway-transfer as a child of
// ours. A verb that brings an image in reads the same either way.

#pragma once

#include <memory>
#include <string>

#include "base/fd.hh"
#include "cli/console.hh"
#include "cli/direct_job.hh"
#include "cli/parse.hh"
#include "cli/signals.hh"
#include "transfer/request.hh"

namespace slipway::cli {

class Way {
public:
    virtual ~Way() = default;

    /// Opens what an import reads, with the rights of who called us, where this way passes it as a
    /// descriptor. Waits for the writer of a FIFO.
    /// @param operand  as it was given: a file, a directory, "-"
    /// @throws Error InvalidArgument: standard input is a terminal; NotFound, Denied
    virtual Fd open_input(const transfer::Request& request, const std::string& operand) = 0;

    /// Runs the job, shows it, and says on standard error why it failed, and what of our
    /// environment does not count.
    /// @param input  of open_input(), or what an export writes
    virtual JobResult run(const transfer::Request& request, Fd input, const Invocation& asked,
                          Console& console, SignalWatch& signals) = 0;
};

/// The daemon's, unless --direct or --pool asks for the other or nobody answers. Starts the daemon
/// where the bus knows how.
/// @throws Error InvalidArgument, NotFound: --wait=no without a daemon; else as Daemon::find()
std::unique_ptr<Way> choose_way(const Options& options);

/// The whole of such a verb: the exit status.
int bring_in(const transfer::Request& request, const Invocation& asked, Console& console);
/// The same for a verb that reads nothing from outside: clone, rename, read-only.
int change_image(const transfer::Request& request, const Invocation& asked, Console& console);
/// The same for a verb that stores nothing: no daemon is asked.
int do_without_daemon(const transfer::Request& request, const Invocation& asked, Console& console);

} // namespace slipway::cli
